import Glibc
import JSON
import RESP

/// Many tasks with one viewer each, as live progress mostly is, compared with a bare loop that gets the socket of each
/// event: the cost of an event at a steady rate, and the throughput of one loop.
struct Tasks {
    let viewers: Int
    let rate: Int
    let seconds: Int
    let burst: Int
    let size: Int
    let rounds: Int
    let jsonPath: String?

    init(_ options: Options) {
        viewers = options.number("viewers", 6000)
        rate = options.number("rate", 10_000)
        seconds = options.number("seconds", 3)
        burst = options.number("burst", 10)
        size = options.number("size", 200)
        rounds = max(1, options.number("rounds", 3))
        jsonPath = options.text("json")
    }

    /// How the events are published.
    private enum Way: String, CaseIterable {
        case publish = "PUBLISH"
        case function = "FCALL"
    }

    /// One server's figures for events published one way.
    fileprivate struct Row {
        let name: String
        let steady: [Phase]
        let bursts: [Phase]
    }

    func run() {
        let processors = Processors(serverThreads: 1)
        processors.moveBeside()
        print(
            """
            tasks: \(viewers) viewers of a task each, events of \(size) bytes; \(rounds) rounds in turn of \(seconds) s at \
            \(rate)/s and a burst of \(burst) events a task; medians
            """)
        let node = Bed.node(loops: 1, viewers: viewers, watching: .ownTasks, at: processors)
        let bytes = node.phase(events: 1) { round(node, .publish, 1) }.bytes / viewers
        let bare = Bed.bare(viewers: viewers, ownTasks: true, bytes: bytes, at: processors)
        defer {
            node.stop()
            bare.stop()
        }
        let rows =
            [("bare loop, PUBLISH", bare, Way.publish)] + Way.allCases.map { ("fantail, \($0.rawValue)", node, $0) }
        var phases = rows.map { _ in (steady: [Phase](), bursts: [Phase]()) }
        for _ in 0..<rounds {
            for (place, (_, bed, way)) in rows.enumerated() {
                phases[place].steady.append(measureSteady(bed, way))
                phases[place].bursts.append(measureBurst(bed, way))
            }
        }
        report(zip(rows, phases).map { Row(name: $0.0, steady: $1.steady, bursts: $1.bursts) })
    }

    /// One event to each of some tasks.
    private func round(_ bed: Bed, _ way: Way, _ number: Int, tasks: Range<Int>? = nil) {
        let event = Payload.event(type: "progress", number: number, size: size)
        bed.send(
            (tasks ?? 0..<viewers).map { task in
                let channel = RedisArgument.string("\(Bed.channel)\(task)")
                return switch way {
                case .publish: RedisCommand("PUBLISH", channel, .bytes(event))
                case .function: RedisCommand("FCALL", "fantail_publish", "1", channel, .bytes(event))
                }
            }, replyLines: way == .publish ? 1 : RedisPipeline.functionReplyLines)
    }

    /// Portions per second: a worker's event does not wait longer.
    private static let portionsPerSecond = 200

    private func measureSteady(_ bed: Bed, _ way: Way) -> Phase {
        let rounds = max(1, rate * seconds / viewers)
        let portion = max(1, rate / Self.portionsPerSecond)
        return bed.phase(events: rounds) {
            let start = Clock.nanoseconds
            var sent = 0
            for number in 1...rounds {
                for first in stride(from: 0, to: viewers, by: portion) {
                    let tasks = first..<min(viewers, first + portion)
                    round(bed, way, number, tasks: tasks)
                    sent += tasks.count
                    Clock.sleep(until: start + UInt64(sent) * 1_000_000_000 / UInt64(rate))
                }
            }
        }
    }

    private func measureBurst(_ bed: Bed, _ way: Way) -> Phase {
        bed.phase(events: burst) { for number in 1...burst { round(bed, way, number) } }
    }

    // MARK: Report

    private func report(_ rows: [Row]) {
        print(Table.line(["", "CPU/event", "own code", "kernel", "own/kernel", "burst/s", "per CPU s", "disorder"]))
        for row in rows {
            print(
                Table.line([
                    row.name, Table.fixed(row.microseconds, 2) + " us", Table.fixed(row.ownMicroseconds, 2) + " us",
                    Table.fixed(row.microseconds - row.ownMicroseconds, 2) + " us",
                    Table.fixed(row.ownMicroseconds / max(0.01, row.microseconds - row.ownMicroseconds), 2),
                    Table.fixed(row.burstPerSecond / 1000, 1) + " k",
                    Table.fixed(row.perProcessorSecond / 1000, 1) + " k",
                    "\(row.disorder)",
                ]))
        }
        guard let jsonPath else { return }
        Report.write(to: jsonPath) { writer in
            writer.key("viewers")
            writer.integer(Int64(viewers))
            writer.key("rows")
            writer.beginArray()
            for row in rows { Self.write(row, to: &writer) }
            writer.endArray()
        }
    }

    private static func write(_ row: Row, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("name")
        writer.string(row.name)
        let numbers = [
            ("cpu_us_per_event", row.microseconds), ("own_us_per_event", row.ownMicroseconds),
            ("burst_per_second", row.burstPerSecond), ("burst_per_cpu_second", row.perProcessorSecond),
            ("disorder", Double(row.disorder)),
        ]
        for (key, number) in numbers {
            writer.key(key)
            writer.double(number)
        }
        writer.endObject()
    }
}

extension Tasks.Row {
    fileprivate var microseconds: Double { steady.map(\.microseconds).median }
    fileprivate var ownMicroseconds: Double { steady.map(\.ownMicroseconds).median }
    fileprivate var burstPerSecond: Double { bursts.map(\.perSecond).median }
    /// Events of a burst per second of the server's processor time: the capacity of one loop, without the publisher.
    fileprivate var perProcessorSecond: Double { 1e6 / max(0.001, bursts.map(\.microseconds).median) }
    fileprivate var disorder: Int { (steady + bursts).reduce(0) { $0 + $1.disorder } }
}
