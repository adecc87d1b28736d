import Glibc
import JSON
import RESP

/// What an event costs Redis, by each way to publish it: processor time of the whole server, on a processor of its own. A
/// stream's `XADD` stands beside them, which also appends to a bounded history, and does nothing else.
struct Publish {
    private let events: Int
    private let tasks: Int
    private let size: Int
    private let rounds: Int
    private let jsonPath: String?

    init(_ options: Options) {
        events = options.number("events", 5000)
        tasks = options.number("tasks", 100)
        size = options.number("size", 200)
        rounds = max(1, options.number("rounds", 9))
        jsonPath = options.text("json")
    }

    /// The entries of a task's history, by default; of a stream as many.
    private static let history = 64
    /// Commands of one pipeline.
    private static let pipelined = 100

    /// A way to publish, and what it cost in each round.
    private struct Row {
        let name: String
        /// Commands of one pipeline.
        var batch = 1
        /// Whether the others are compared with it.
        var isBaseline = false
        /// Publishes the events of these numbers.
        let publish: (Range<Int>) -> Void
        /// Redis' processor time for an event, us.
        var costs: [Double] = []
    }

    func run() {
        let processors = Processors(serverThreads: 1)
        processors.moveBeside()
        print(
            """
            publish: events of \(size) bytes to \(tasks) tasks, nobody subscribed; Redis' processor time for an event, \
            \(rounds) rounds in turn of \(events) events
            """)
        let (redis, redisPort) = Servers.redis(as: processors.onServer)
        let (node, port) = Servers.node(
            ["--loops", "1", "--api-key", HTTPPublisher.apiKey], redisPort: redisPort, as: { $0 })
        let pipeline = RedisPipeline(port: redisPort)
        defer {
            pipeline.stop()
            node.stop()
            redis.stop()
        }
        wait(until: { HTTPPublisher.isReady(port) })
        wait(until: { pipeline.accepts(RedisCommand("FCALL", "fantail_publish_version", "0")) })
        var rows = ways(pipeline, httpPort: port)
        for row in rows { row.publish(0..<tasks * (Self.history + 1)) }
        for round in 0..<rounds {
            for place in rows.indices {
                let before = redis.processorTime
                rows[place].publish(round * events..<(round + 1) * events)
                rows[place].costs.append(Double(redis.processorTime - before) / Double(events) / 1000)
            }
        }
        report(rows)
    }

    private func wait(until isTrue: () -> Bool) {
        let deadline = Clock.nanoseconds + 10_000_000_000
        while !isTrue() {
            guard Clock.nanoseconds < deadline else { FantailBench.fail("the node is not ready after 10 s") }
            usleep(20_000)
        }
    }

    private func ways(_ pipeline: RedisPipeline, httpPort: UInt16) -> [Row] {
        func row(_ name: String, of batch: Int, lines: Int, _ command: @escaping (Int) -> RedisCommand) -> Row {
            Row(
                name: batch > 1 ? "\(name), \(batch) at a time" : name, batch: batch, isBaseline: name.contains("~")
            ) { numbers in
                for first in stride(from: numbers.lowerBound, to: numbers.upperBound, by: batch) {
                    let portion = first..<min(first + batch, numbers.upperBound)
                    pipeline.send(portion.map(command), replyLines: lines)
                }
            }
        }
        let trimming: [(String, RedisArgument)] = [("~", "~"), ("=", "=")]
        let byRedis = [Self.pipelined, 1].flatMap { batch in
            [
                row("PUBLISH", of: batch, lines: 1) { RedisCommand("PUBLISH", channel($0), event($0)) },
                row("FCALL", of: batch, lines: RedisPipeline.functionReplyLines) {
                    RedisCommand("FCALL", "fantail_publish", "1", channel($0), event($0))
                },
            ]
                + trimming.map { mark, argument in
                    row("XADD MAXLEN \(mark) \(Self.history)", of: batch, lines: 2) {
                        RedisCommand(
                            "XADD", .string("stream\(mark)\($0 % tasks)"), "MAXLEN", argument,
                            .integer(Int64(Self.history)), "*", "event", event($0))
                    }
                }
        }
        return byRedis + [
            Row(name: "HTTP") { numbers in
                // A connection for each round: the node closes one that waits for the other ways.
                let worker = HTTPPublisher(port: httpPort)
                defer { worker.stop() }
                for number in numbers { worker.publish(bytes(number), to: "publish\(number % tasks)") }
            }
        ]
    }

    private func channel(_ number: Int) -> RedisArgument { .string("task:publish\(number % tasks)") }
    private func event(_ number: Int) -> RedisArgument { .bytes(bytes(number)) }

    /// Progress with the fields of most workers, the message as long as the size needs.
    private func bytes(_ number: Int) -> [UInt8] {
        let head =
            #"{"type":"progress","progress":\#(number % 100),"status":"RUNNING","currentStage":"render","message":""#
        return Array((head + String(repeating: "x", count: max(0, size - head.utf8.count - 2)) + "\"}").utf8)
    }

    // MARK: Report

    private func report(_ rows: [Row]) {
        print(Self.line(["", "median", "lowest", "highest", "x XADD ~"]))
        for row in rows {
            let costs = [row.costs.median, row.costs.min() ?? 0, row.costs.max() ?? 0]
            let ratio = row.costs.median / (rows.first { $0.isBaseline && $0.batch == row.batch }?.costs.median ?? 1)
            print(Self.line([row.name] + costs.map { Table.fixed($0, 1) + " us" } + [Table.fixed(ratio, 1)]))
        }
        guard let jsonPath else { return }
        Report.write(to: jsonPath) { writer in
            for row in rows {
                writer.key(row.name)
                writer.double(row.costs.median)
            }
        }
    }

    private static let nameWidth = 32

    /// As Table.line, with room for the names of the ways.
    private static func line(_ cells: [String]) -> String {
        cells[0] + String(repeating: " ", count: max(0, nameWidth - cells[0].count))
            + Table.line([""] + cells.dropFirst()).dropFirst(Table.nameWidth)
    }
}
