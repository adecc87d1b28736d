import Presence
import Redis
import Settings

extension RouteTable {
    /// The rows of a node, group by group, each with what it needs. `now` is the time of day, milliseconds since 1970.
    static func all(
        bus: any Bus, reader: any TaskReader, node: any NodeSurvey, configuration: Configuration, limits: NodeLimits,
        now: @escaping () -> Int64
    ) -> RouteTable {
        let publisher = Publisher(bus: bus, naming: configuration.naming, history: configuration.history)
        let presence = PresenceQueries(bus: bus, keys: PresenceKeys(configuration.naming))
        let tasks = TaskRoutes(publisher: publisher, reader: reader, watch: configuration.watch, limits: limits)
        let registration = RegistrationRoutes(
            publisher: publisher, upstreams: configuration.upstreams, limits: limits)
        let topics = TopicRoutes(publisher: publisher, limits: limits)
        let users = UserRoutes(publisher: publisher, presence: presence, limits: limits, now: now)
        let online = PresenceRoutes(presence: presence)
        let nodes = NodeRoutes(node: node, presence: presence)
        return RouteTable(
            registration.routes + tasks.routes + topics.routes + users.routes + online.routes + nodes.routes
                + WebRoutes.routes)
    }
}
