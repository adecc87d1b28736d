import RESP
import Direct
import Settings
import Threads
import Terminal

/// Prints the users online on all nodes.
enum OnlineCommand: Command {
    static let name = "online"
    static let summary = "print how many users are online; --users lists them"

    private struct Options: Sendable {
        var node = Configuration()
        var listsUsers = false
    }

    private static let settings: [Setting<Options>] =
        [
            Setting("--users", [], nil, "list every user: id, connections, status") {
                (options, _) throws(SettingError) in options.listsUsers = true
            }
        ] + NodeSettings.redis.map { $0.inside(\.node) }

    static var manual: Manual {
        Manual(
            usage: ["online [--users] [FLAGS]"],
            examples: [
                Example("how many", "fantail online"),
                Example("every user with its id, connections and status", "fantail online --users"),
            ],
            flags: Flag.all(settings))
    }

    static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        let (options, positional) = try read(
            settings, defaults: Options(), arguments, environment)
        let node = try options.node.checkedForRedis()
        guard positional.isEmpty else { throw .usage("unexpected argument '\(positional[0])'") }
        let result = Blocking.wait {
            await Result { () async throws(any Error) in
                guard options.listsUsers else { return StandardOutput.line(try await OnlineUsers.count(node)) }
                try await OnlineUsers.all(node) {
                    StandardOutput.line("\($0.id)\t\($0.connections)\t\($0.status)")
                }
            }
        }
        guard case .failure(let error) = result else { return }
        if let fault = (error as? RedisFailure)?.faultOfURL { throw .usage("--redis: \(fault)") }
        throw .failed("\(error)")
    }
}
