package import Settings

/// The way of a command that works with Redis directly, or through nodes.
package struct Route: Sendable {
    /// The nodes, their credentials, and the Redis.
    package var access = NodeAccess()
    /// Whether the command asks the nodes.
    package private(set) var isByNodes = false

    /// Directly to the Redis on this machine.
    package init() {}

    /// The settings of both ways. Of `--redis` and `--url` the last one named decides; a flag overrides the environment.
    package static let settings: [Setting<Route>] = NodeAccess.settings.map { setting in
        let isURL = setting.flag == "--url"
        let summary =
            isURL
            ? "URL of a node or of the load balancer, instead of Redis; may be repeated" : setting.summary
        return setting.inside(\.access).described(summary).also {
            if isURL { $0.isByNodes = true }
            if setting.subject == "--redis" { $0.isByNodes = false }
        }
    }

    /// The same where `FANTAIL_URL`, which may be set for other commands, does not choose the way.
    package static let settingsWithURLByFlag: [Setting<Route>] = settings.map { setting in
        setting.flag == "--url" ? setting.byFlagOnly() : setting
    }
}
