import Base
import Direct
import JSON
import RESP
import Direct
import JSON
import Settings
import Threads
import Terminal

/// Prints the users online on all nodes.
enum OnlineCommand: Command {
    static let name = "online"
    static let summary = "print how many users are online; --users lists them"

    /// Users in one answer of a node: as many as fit into what is read of an answer, whatever their ids.
    private static let page = 200

    private struct Options: Sendable {
        var route = Route()
        var listsUsers = false
    }

    private static let settings: [Setting<Options>] =
        [
            Setting("--users", [], nil, "list every user: id, connections, status") {
                (options, _) throws(SettingError) in options.listsUsers = true
            }
        ] + Route.settingsWithURLByFlag.map { $0.inside(\.route) }

    static var manual: Manual {
        Manual(
            usage: ["online [--users] [FLAGS]"],
            text: [
                "The command asks Redis (--redis), or with --url a node over HTTP. Only the flag chooses nodes: "
                    + "FANTAIL_URL, which watch reads, does not."
            ],
            examples: [
                Example("how many", "fantail online"),
                Example("every user with its id, connections and status", "fantail online --users"),
                Example(
                    "from a machine that can reach only nodes",
                    "fantail online --url https://fantail.example.com"),
            ],
            flags: Flag.all(settings))
    }

    static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        let (options, positional) = try read(
            settings, defaults: Options(), arguments, environment)
        guard positional.isEmpty else { throw .usage("unexpected argument '\(positional[0])'") }
        if options.route.isByNodes {
            try ask(try NodeClient(options.route.access), listsUsers: options.listsUsers)
        } else {
            try ask(try options.route.access.redis.checkedForRedis(), listsUsers: options.listsUsers)
        }
    }

    private static func tell(_ id: String, _ connections: Int64, _ status: String) {
        StandardOutput.columns([id, "\(connections)", status])
    }

    // MARK: Redis

    private static func ask(_ configuration: Configuration, listsUsers: Bool) throws(CommandFailure) {
        let result = Blocking.wait {
            await Result { () async throws(any Error) in
                guard listsUsers else {
                    return StandardOutput.line(try await OnlineUsers.count(configuration))
                }
                try await OnlineUsers.all(configuration) { tell($0.id, $0.connections, $0.status) }
            }
        }
        guard case .failure(let error) = result else { return }
        if let fault = (error as? RedisFailure)?.faultOfURL { throw .usage("--redis: \(fault)") }
        throw .failed("\(error)")
    }

    // MARK: Nodes

    private static func ask(_ client: NodeClient, listsUsers: Bool) throws(CommandFailure) {
        guard listsUsers else {
            let answer = try client.fields(of: "/api/v1/online/count", about: "who is online")
            guard let count = answer["online_count"]?.integer else {
                throw .failed("the node's answer is not understood")
            }
            return StandardOutput.line(count)
        }
        var cursor: String?
        repeat {
            let place = cursor.map { "&cursor=" + PercentCoding.encode($0) } ?? ""
            let answer = try client.fields(
                of: "/api/v1/online?limit=\(page)\(place)", about: "who is online")
            for user in client.objects(in: answer["users"]) {
                tell(
                    user["user_id"].map(text) ?? "", user["connections_count"]?.integer ?? 0,
                    user["status"]?.string ?? "")
            }
            let next = answer["next_cursor"]?.string
            // A page that repeats would be asked for without an end.
            if let next, let cursor, !cursor.utf8.lexicographicallyPrecedes(next.utf8) {
                throw .failed("the node's answer is not understood: its pages do not go on")
            }
            cursor = next
        } while cursor != nil
    }

    /// An id: nodes write one that is a number as a number.
    private static func text(_ id: JSONValue) -> String { id.string ?? String(decoding: id.raw, as: UTF8.self) }
}
