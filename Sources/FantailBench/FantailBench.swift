import Glibc

/// Benchmarks that compare with a baseline in one run, and an echo server for conformance suites.
@main
struct FantailBench {
    static let usage = """
        usage: FantailBench fanout [--viewers 1000] [--rate 100] [--seconds 3] [--burst 1000] [--size 200] [--rounds 5] [--loops 1] [--tls 1] [--json FILE]
               FantailBench tasks  [--viewers 6000] [--rate 10000] [--seconds 3] [--burst 10] [--size 200] [--rounds 3] [--json FILE]
               FantailBench publish [--events 5000] [--tasks 100] [--size 200] [--rounds 9] [--json FILE]
               FantailBench connect [--viewers 10000] [--loops 1] [--pending 500] [--rounds 3] [--json FILE]
               FantailBench idle   [--viewers 9000] [--tls 1] [--json FILE]
               FantailBench echo   [--port 9001]

        fanout  what a delivery costs a node, beside a bare loop of send calls over as many sockets and bytes; with --tls 1 also over TLS
        tasks   what an event costs where each viewer watches a task of its own
        publish what an event costs Redis, by each way to publish it, beside a stream's XADD
        connect how long it takes until many viewers that return at once have their states, and what each costs
        idle    what a viewer costs a node in memory while nothing happens; with --tls 1 one that speaks TLS
        echo    a WebSocket echo server on the same code (messages to 16 MiB, permessage-deflate)
        """

    static func main() throws {
        signal(SIGPIPE, SIG_IGN)
        var arguments = Array(CommandLine.arguments.dropFirst())
        guard !arguments.isEmpty else { fail(usage) }
        let name = arguments.removeFirst()
        let options = Options(arguments)
        switch name {
        case "fanout": Fanout(options).run()
        case "tasks": Tasks(options).run()
        case "publish": Publish(options).run()
        case "connect": Connect(options).run()
        case "idle": Idle(options).run()
        case "echo": try EchoServer.run(port: UInt16(options.number("port", 9001)))
        case "herd": Herd(options).run()
        case "viewers": Viewers(options).run()
        case "bare": BareServer.run(options)
        default: fail(usage)
        }
    }

    static func fail(_ message: String) -> Never {
        let line = Array((message + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(2)
    }
}

/// `--name value` pairs.
struct Options {
    private var values: [String: String] = [:]

    init(_ arguments: [String]) {
        for (place, argument) in arguments.enumerated() where argument.hasPrefix("--") && place + 1 < arguments.count {
            values[String(argument.dropFirst(2))] = arguments[place + 1]
        }
    }

    func text(_ name: String) -> String? { values[name] }
    func number(_ name: String, _ standard: Int) -> Int { values[name].flatMap { Int($0) } ?? standard }
}
