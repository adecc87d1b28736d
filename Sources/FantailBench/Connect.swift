import Glibc
import JSON
import RESP

/// Many viewers that return at once, as after a network failure, each to a task of its own: how long until all have their
/// states, and what each costs the node.
struct Connect {
    private let viewers: Int
    private let loops: Int
    private let pending: Int
    private let rounds: Int
    private let jsonPath: String?

    init(_ options: Options) {
        viewers = options.number("viewers", 10_000)
        loops = options.number("loops", 1)
        pending = options.number("pending", 500)
        rounds = max(1, options.number("rounds", 3))
        jsonPath = options.text("json")
    }

    /// One return of all viewers.
    private struct Return {
        let seconds: Double
        let medianWait: Double
        let longestWait: Double
        /// Processor time of the node for a viewer, us, and the part of its own code.
        let cost: Double
        let ownCost: Double
    }

    func run() {
        let processors = Processors(serverThreads: loops)
        processors.moveBeside()
        print(
            """
            connect: \(viewers) viewers return, each to a task of its own, at most \(pending) of them not served yet; \
            \(rounds) returns, medians
            """)
        let bed = Bed.node(loops: loops, viewers: 1, watching: .nothing, at: processors)
        defer { bed.stop() }
        publishStates(bed)
        let herd = Child.own(
            "herd",
            ["--port", bed.port, "--count", "\(viewers)", "--pending", "\(pending)", "--path", Bed.viewerPath],
            as: processors.besideServer)
        defer { herd.stop() }
        _ = herd.line()
        report((0..<rounds).map { _ in comeBack(bed, herd) })
    }

    private func publishStates(_ bed: Bed) {
        let event = RedisArgument.bytes(Payload.event(type: "progress", number: 1, size: 200))
        for first in stride(from: 0, to: viewers, by: 100) {
            bed.send(
                (first..<min(first + 100, viewers)).map {
                    RedisCommand("FCALL", "fantail_publish", "1", .string("\(Bed.channel)\($0)"), event)
                }, replyLines: RedisPipeline.functionReplyLines)
        }
    }

    private func comeBack(_ bed: Bed, _ herd: Child) -> Return {
        let before = bed.server.processorTimes
        herd.send("go")
        let words = herd.line().compactMap { Double($0) }
        let after = bed.server.processorTimes
        // The viewers of this return have gone, and the node has noticed it.
        usleep(2_000_000)
        let cost = Double(after.total - before.total) / Double(viewers) / 1000
        return Return(
            seconds: words[0] / 1e9, medianWait: words[1] / 1e6, longestWait: words[2] / 1e6, cost: cost,
            ownCost: cost * after.ownShare(since: before))
    }

    private func report(_ returns: [Return]) {
        let figures: [(String, String, Double)] = [
            ("until all are served", "s", returns.map(\.seconds).median),
            ("a viewer's wait, median", "ms", returns.map(\.medianWait).median),
            ("the longest", "ms", returns.map(\.longestWait).median),
            ("the node's CPU for one", "us", returns.map(\.cost).median),
            ("of it own code", "us", returns.map(\.ownCost).median),
        ]
        for (name, unit, value) in figures {
            print(name + String(repeating: " ", count: 28 - name.count) + Table.fixed(value, 2) + " " + unit)
        }
        guard let jsonPath else { return }
        Report.write(to: jsonPath) { writer in
            for (name, unit, value) in figures {
                writer.key("\(name), \(unit)")
                writer.double(value)
            }
        }
    }
}
