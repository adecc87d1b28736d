import Node

/// Runs a node.
enum ServeCommand: Command {
    static let name = "serve"
    static let summary = "run a node"

    static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        let (configuration, positional) = try read(
            NodeSettings.all, defaults: Configuration(), arguments, environment, usage: "fantail serve [FLAGS]")
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
