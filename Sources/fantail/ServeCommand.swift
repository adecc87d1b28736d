import Settings
import Node
import Starting
import Terminal

/// Runs a node.
enum ServeCommand: Command {
    static let name = "serve"
    static let summary = "run a node"

    static var manual: Manual {
        Manual(
            usage: ["serve [FLAGS]"],
            text: [
                "All nodes with the same Redis work as one; they share nothing else. On SIGTERM a node "
                    + "closes its clients, "
                    + "spread over --drain, and exits with 0."
            ],
            examples: [
                Example("a development node, which starts a Redis when there is none", "fantail serve --dev"),
                Example(
                    "a node behind a load balancer",
                    "FANTAIL_JWT_SECRET=… fantail serve --redis redis://redis.internal:6379 --port 8000"),
            ],
            flags: Flag.all(NodeSettings.all))
    }

    static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        let (configuration, positional) = try read(
            NodeSettings.all, defaults: Configuration(), arguments, environment)
        if let extra = positional.first {
            throw .usage("serve takes no argument '\(extra)'; serve --help lists the flags")
        }
        do {
            try Node.run(configuration)
        } catch {
            throw CommandFailure(exitCode: error.exitCode, message: error.message)
        }
    }
}
