import Glibc
import JSON

/// Fan-out compared with a bare loop over as many sockets and bytes, from the same PUBLISH: alternating rounds,
/// medians.
struct Fanout {
    /// One server's medians over all rounds.
    struct Row {
        let name: String
        /// Processor time per delivery at a steady rate, us, and the share of the server's own code.
        let steadyMicroseconds: Double
        let ownMicroseconds: Double
        /// Deliveries a second in a burst.
        let burstPerSecond: Double
        /// Deliveries out of order or missing, in all rounds.
        let disorder: Int
        let bytesPerDelivery: Int
    }

    let viewers: Int
    let rate: Int
    let seconds: Int
    let burst: Int
    let size: Int
    let rounds: Int
    let loops: [Int]
    /// Whether the same is measured with viewers that speak TLS, too.
    let hasSecure: Bool
    let jsonPath: String?

    init(_ options: Options) {
        viewers = options.number("viewers", 1000)
        rate = options.number("rate", 100)
        seconds = options.number("seconds", 3)
        burst = options.number("burst", 1000)
        size = options.number("size", 200)
        rounds = max(1, options.number("rounds", 5))
        loops = (options.text("loops") ?? "1").split(separator: ",").compactMap { Int($0) }
        hasSecure = options.number("tls", 0) != 0
        jsonPath = options.text("json")
    }

    func run() {
        let processors = Processors(serverThreads: loops.max() ?? 1)
        processors.moveBeside()
        let place = processors.server.map { "servers on processors \($0), all else on others" } ?? "nothing pinned"
        print(
            """
            fan-out: \(viewers) viewers of one task, events of \(size) bytes by PUBLISH; \(rounds) rounds in turn of \(seconds) s \
            at \(rate)/s and a burst of \(burst); \(place); medians
            """)
        var beds = loops.flatMap { loops in
            (hasSecure ? [false, true] : [false]).map { isSecure in
                (
                    Self.name(loops: loops) + (isSecure ? ", TLS" : ""),
                    Bed.node(loops: loops, viewers: viewers, isSecure: isSecure, at: processors)
                )
            }
        }
        // The bare loop sends as many bytes as the node does.
        let bytes = beds.first.map { bed in
            bed.1.phase(events: 1) { bed.1.publish([event(1, "progress")]) }.bytes / viewers
        }
        beds.insert(("bare loop", .bare(viewers: viewers, bytes: bytes ?? size, at: processors)), at: 0)
        defer { for (_, bed) in beds { bed.stop() } }
        var steady = [[Phase]](repeating: [], count: beds.count)
        var bursts = steady
        for _ in 0..<rounds {
            for (place, (_, bed)) in beds.enumerated() {
                steady[place].append(measureSteady(bed))
                bursts[place].append(measureBurst(bed))
            }
        }
        report(beds.indices.map { row(beds[$0].0, steady[$0], bursts[$0]) })
    }

    private static func name(loops: Int) -> String { "fantail, \(loops) loop\(loops == 1 ? "" : "s")" }

    private func event(_ number: Int, _ type: String) -> [UInt8] {
        Payload.event(type: type, number: number, size: size)
    }

    private func measureSteady(_ bed: Bed) -> Phase {
        bed.phase(events: rate * seconds) {
            let start = Clock.nanoseconds
            for number in 1...rate * seconds {
                Clock.sleep(until: start + UInt64(number) * 1_000_000_000 / UInt64(rate))
                bed.publish([event(number, "progress")])
            }
        }
    }

    /// The events are no progress: a viewer that falls behind must get every one of them.
    private func measureBurst(_ bed: Bed) -> Phase {
        let events = (1...burst).map { event($0, "log") }
        return bed.phase(events: burst) { bed.publish(events) }
    }

    private func row(_ name: String, _ steady: [Phase], _ bursts: [Phase]) -> Row {
        Row(
            name: name, steadyMicroseconds: steady.map(\.microseconds).median,
            ownMicroseconds: steady.map(\.ownMicroseconds).median, burstPerSecond: bursts.map(\.perSecond).median,
            disorder: (steady + bursts).reduce(0) { $0 + $1.disorder },
            bytesPerDelivery: steady[0].bytes / max(1, steady[0].deliveries))
    }

    // MARK: Report

    private func report(_ rows: [Row]) {
        let bare = rows[0]
        print(Table.line(["", "CPU/delivery", "x bare", "own code", "burst/s", "x bare", "disorder", "bytes"]))
        for row in rows {
            print(
                Table.line([
                    row.name, Table.fixed(row.steadyMicroseconds, 2) + " us",
                    Table.fixed(row.steadyMicroseconds / bare.steadyMicroseconds, 2),
                    Table.fixed(row.ownMicroseconds, 2) + " us",
                    Table.fixed(row.burstPerSecond / 1e6, 2) + " M",
                    Table.fixed(row.burstPerSecond / bare.burstPerSecond, 1), "\(row.disorder)",
                    "\(row.bytesPerDelivery)",
                ]))
        }
        guard let jsonPath else { return }
        Report.write(to: jsonPath) { writer in
            writer.key("viewers")
            writer.integer(Int64(viewers))
            writer.key("rows")
            writer.beginArray()
            for row in rows { Self.write(row, bare, to: &writer) }
            writer.endArray()
        }
    }

    private static func write(_ row: Row, _ bare: Row, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("name")
        writer.string(row.name)
        let numbers = [
            ("cpu_us_per_delivery", row.steadyMicroseconds),
            ("cpu_ratio", row.steadyMicroseconds / bare.steadyMicroseconds),
            ("own_us_per_delivery", row.ownMicroseconds),
            ("burst_per_second", row.burstPerSecond), ("burst_ratio", row.burstPerSecond / bare.burstPerSecond),
            ("disorder", Double(row.disorder)), ("bytes_per_delivery", Double(row.bytesPerDelivery)),
        ]
        for (key, number) in numbers {
            writer.key(key)
            writer.double(number)
        }
        writer.endObject()
    }
}
