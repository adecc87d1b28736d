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
                "Any number of nodes on one Redis are one Fantail; they need nothing else of each other. SIGTERM closes the "
                    + "clients, spread over --drain, and ends with 0."
            ],
            examples: [
                Example("a development node, with a Redis of its own if there is none", "fantail serve --dev"),
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
