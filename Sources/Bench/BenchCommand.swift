import Settings
import EventLoop
import Glibc
import Node
import Token
import TLS
import Threads
package import Terminal

/// Puts a load on nodes and reports the figures.
package enum BenchCommand: Command {
    package static let name = "bench"
    package static let summary = "load nodes with viewers and events, and measure deliveries, latency and missed events"

    package static var manual: Manual {
        Manual(
            usage: ["bench [FLAGS]"],
            text: [
                "Connects viewers, publishes numbered events over HTTP at a steady rate, and counts deliveries. "
                    + "Latency is the time from the moment at which an event was due until a viewer has it. Exit "
                    + "code 0: each viewer got each event once. "
                    + "Ctrl-C ends the command early; it still prints the figures.",
                "The command publishes, so it needs a token with the scope publish, or --jwt-secret to make "
                    + "tokens itself: a "
                    + "node allows a user 100 connections, so more viewers need several users.",
            ],
            examples: [
                Example("a development node", "fantail bench"),
                Example(
                    "a thousand viewers on two nodes",
                    "fantail bench --url http://node1:8000 --url http://node2:8000 --jwt-secret \"$SECRET\" --connections 1000"
                ),
                Example(
                    "one task with many viewers, over server-sent events", "fantail bench --tasks 1 --dialect events"),
            ],
            flags: Flag.all(BenchOptions.settings))
    }

    package static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        let (options, positional) = try read(BenchOptions.settings, defaults: BenchOptions(), arguments, environment)
        guard positional.isEmpty else { throw .usage("bench takes no argument '\(positional[0])'") }
        let context = try context(options)
        let tokens = try tokens(options)
        SignalSource.ignoreBrokenPipes()
        _ = try? OpenFileLimit.raise()
        let figures = try measure(options, context, tokens, (name: "Authorization", value: "Bearer \(tokens[0])"))
        StandardOutput.write(
            options.writesJSON ? figures.json(options) + [0x0A] : Array((figures.text(options) + "\n").utf8))
        if !figures.isComplete(options) { exit(1) }
    }

    /// What is needed for nodes with TLS, where there is one.
    private static func context(_ options: BenchOptions) throws(CommandFailure) -> TLSContext? {
        guard options.access.nodes.contains(where: { $0.scheme == "https" }) else { return nil }
        do throws(TLSError) {
            return try TLSContext.client(authorities: options.access.authorities)
        } catch {
            throw .usage(error.message)
        }
    }

    /// One token for every so many viewers: the given one, or as many new ones as are needed.
    private static func tokens(_ options: BenchOptions) throws(CommandFailure) -> [String] {
        if let token = options.access.token { return [token] }
        let secret: String
        if let given = options.access.redis.jwtSecret {
            secret = given
        } else {
            guard options.access.nodes.allSatisfy(\.isLocal) else {
                throw .usage("expected --token (FANTAIL_TOKEN) with the scope publish, or --jwt-secret")
            }
            secret = try DevelopmentToken.secret(options.access.redis)
        }
        var tokens: [String] = []
        for number in 0...((options.connections - 1) / BenchLimits.viewersPerUser) {
            tokens.append(
                try DevelopmentToken.sign(
                    user: "bench-\(number)", scopes: ["publish", "tasks:*"], secret: secret,
                    configuration: options.access.redis))
        }
        return tokens
    }

    private static func measure(
        _ options: BenchOptions, _ context: TLSContext?, _ tokens: [String], _ publisher: (name: String, value: String)
    ) throws(CommandFailure) -> BenchFigures {
        let loop: EventLoop
        do {
            loop = try EventLoop(name: "bench")
            try loop.start()
        } catch {
            throw .failed("\(error)")
        }
        let result: Result<BenchFigures, CommandFailure> = Blocking.wait {
            await withCheckedContinuation { continuation in
                loop.execute {
                    let load = BenchLoad(
                        loop: loop, options: options, context: context, tokens: tokens, publisher: publisher
                    ) {
                        continuation.resume(returning: $0)
                    }
                    // Lives as long as the loop.
                    _ = try? SignalSource(loop: loop, signal: SIGINT) { load.interrupt() }
                    load.connect()
                }
            }
        }
        loop.stop()
        loop.join()
        return try result.get()
    }
}
