import Settings
import Node
import Terminal

/// The load to put on the nodes.
struct BenchOptions: Sendable {
    /// The protocol of the viewers.
    enum Dialect: String, CaseIterable, Sendable {
        case jobs, tasks, topics
        /// Server-sent events over HTTP.
        case events
    }

    var access = NodeAccess()
    var dialect = Dialect.jobs
    var connections = 100
    var tasks = 10
    /// Events a second, of all tasks together.
    var rate = 100
    var milliseconds = 10_000
    /// Bytes of an event.
    var size = 200
    var writesJSON = false

    static let settings: [Setting<BenchOptions>] =
        [
            Setting("--connections", [], "N", "number of viewers; each watches one task (100)") {
                (options, text) throws(SettingError) in
                options.connections = try SettingValue.integer(text, in: 1...60_000)
            },
            Setting("--tasks", [], "N", "number of tasks, over which viewers and events are spread (10)") {
                (options, text) throws(SettingError) in
                options.tasks = try SettingValue.integer(text, in: 1...10_000)
            },
            Setting("--rate", [], "N", "events a second, all tasks together (100)") {
                (options, text) throws(SettingError) in
                options.rate = try SettingValue.integer(text, in: 1...100_000)
            },
            Setting("--duration", [], "TIME", "time to publish for (10s)") {
                (options, text) throws(SettingError) in
                options.milliseconds = try SettingValue.milliseconds(text, in: 100...3_600_000)
            },
            Setting("--size", [], "N", "bytes of an event (200)") {
                (options, text) throws(SettingError) in
                options.size = try SettingValue.integer(text, in: 80...60_000)
            },
            Setting(
                "--dialect", [], "WORD", "the viewers' protocol: jobs, tasks, topics or events (jobs)",
                words: Dialect.allCases.map(\.rawValue)
            ) {
                (options, text) throws(SettingError) in options.dialect = try SettingValue.word(text)
            },
            Setting("--json", [], nil, "print the figures as a JSON object") {
                (options, text) throws(SettingError) in options.writesJSON = true
            },
        ]
        // WebSockets accept no API key.
        + NodeAccess.settings.filter { $0.subject != "--api-key" }.map { $0.inside(\.access) }
        + NodeSettings.all.filter { $0.subject == "--jwt-secret" }.map { $0.inside(\.access.redis) }

    /// The number of events in all.
    var events: Int { max(1, rate * milliseconds / 1000) }
}

/// Every bound of `fantail bench`.
enum BenchLimits {
    /// Connections being made at once; a node holds at most 1,024 without a request head.
    static let connecting = 64
    /// Viewers with one user name: a node allows a user 100 connections.
    static let viewersPerUser = 50
    /// Publishing connections.
    static let publishers = 8
    /// Events in one request, where a publisher has fallen behind.
    static let batch = 64
    /// Milliseconds for one connection.
    static let connectMilliseconds: UInt64 = 10_000
    /// Milliseconds for connecting and for the first event of each viewer.
    static let readyMilliseconds: UInt64 = 30_000
    /// Milliseconds between two events that test which viewers are ready.
    static let probeMilliseconds: UInt64 = 250
    /// Milliseconds without a delivery, after which the load stops waiting.
    static let silenceMilliseconds: UInt64 = 3_000
}
