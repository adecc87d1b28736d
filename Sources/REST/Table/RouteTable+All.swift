package import Redis
package import Settings
import Store

extension RouteTable {
    /// All rows, group by group, with their dependencies. `now` is the time of day, milliseconds since 1970. `closing`
    /// makes the control message that closes a user's connections.
    package static func all(
        bus: any Bus, reader: any TaskReader, node: any NodeSurvey, configuration: Configuration, limits: NodeLimits,
        now: @escaping () -> Int64, closing: @escaping (_ user: String) -> String
    ) -> RouteTable {
        let publisher = Publisher(bus: bus, naming: configuration.naming, history: configuration.history)
        let presence = PresenceReader(bus: bus, naming: configuration.naming)
        let tasks = TaskRoutes(
            publisher: publisher, reader: reader, viewers: TaskViewers(bus: bus, naming: configuration.naming),
            watch: configuration.watch, limits: limits)
        let list = TaskListRoutes(
            lister: TaskLister(reader: reader, bus: bus, naming: configuration.naming, watch: configuration.watch))
        let registration = RegistrationRoutes(
            publisher: publisher, upstreams: configuration.upstreams, limits: limits)
        let topics = TopicRoutes(publisher: publisher, limits: limits)
        let users = UserRoutes(
            publisher: publisher, presence: presence, limits: limits, now: now, closing: closing)
        let online = PresenceRoutes(presence: presence)
        let nodes = NodeRoutes(node: node, presence: presence)
        return RouteTable(
            list.routes + registration.routes + tasks.routes + topics.routes + users.routes + online.routes
                + nodes.routes
                + WebRoutes.routes)
    }
}
