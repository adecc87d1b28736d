import Glibc
import JSON

/// Fan-out beside a bare loop of `send` calls over the same number of sockets and bytes, in one run.
struct Fanout {
    /// What one server did.
    struct Row {
        let name: String
        /// Processor time per delivery at a steady rate, µs.
        let steadyMicroseconds: Double
        /// Deliveries a second in a burst.
        let burstPerSecond: Double
        /// Deliveries out of order or missing, in both.
        let disorder: Int
        let bytesPerDelivery: Int
    }

    let viewers: Int
    let rate: Int
    let seconds: Int
    let burst: Int
    let size: Int
    let loops: [Int]
    let jsonPath: String?

    init(_ options: Options) {
        viewers = options.number("viewers", 1000)
        rate = options.number("rate", 100)
        seconds = options.number("seconds", 10)
        burst = options.number("burst", 1000)
        size = options.number("size", 200)
        loops = (options.text("loops") ?? "1,2").split(separator: ",").compactMap { Int($0) }
        jsonPath = options.text("json")
    }

    func run() throws {
        print(
            "fan-out: \(viewers) viewers of one task, events of \(size) bytes; steady \(rate)/s for \(seconds) s; burst of \(burst)"
        )
        let nodes = loops.map { measureNode(loops: $0) }
        // The bare loop sends as many bytes as the node did, after it, in the same run.
        // Twice, and the better figures of the two: whatever else the machine does must not flatter the node.
        let bytes = nodes.first?.bytesPerDelivery ?? size
        report([best(measureBare(bytes: bytes), measureBare(bytes: bytes))] + nodes)
    }

    private func measureNode(loops: Int) -> Row {
        let bed = Bed(loops: loops)
        defer { bed.stop() }
        let viewers = Child.own(
            "viewers", ["--port", "\(bed.nodePort)", "--count", "\(self.viewers)", "--path", Bed.viewerPath])
        defer { viewers.stop() }
        _ = viewers.line()
        usleep(500_000)  // the channel is read and every viewer admitted within milliseconds
        let steady = phase(viewers, events: rate * seconds, server: bed.node) {
            let start = Clock.nanoseconds
            for number in 1...rate * seconds {
                Clock.sleep(until: start + UInt64(number) * 1_000_000_000 / UInt64(rate))
                bed.publish([Payload.event(type: "progress", number: number, size: size)])
            }
        }
        // Not progress: a viewer that falls behind must get every one of them.
        let events = (1...burst).map { Payload.event(type: "log", number: $0, size: size) }
        let burst = phase(viewers, events: self.burst, server: bed.node) { bed.publish(events) }
        return row("fantail, \(loops) loop\(loops == 1 ? "" : "s")", steady, burst)
    }

    private func best(_ one: Row, _ two: Row) -> Row {
        Row(
            name: one.name, steadyMicroseconds: min(one.steadyMicroseconds, two.steadyMicroseconds),
            burstPerSecond: max(one.burstPerSecond, two.burstPerSecond), disorder: one.disorder + two.disorder,
            bytesPerDelivery: one.bytesPerDelivery)
    }

    private func measureBare(bytes: Int) -> Row {
        let server = Child.own("bare", [])
        defer { server.stop() }
        let port = server.line()[1]
        server.send("accept \(viewers)")
        let viewers = Child.own("viewers", ["--port", port, "--count", "\(self.viewers)"])
        defer { viewers.stop() }
        _ = viewers.line()
        _ = server.line()
        let steady = phase(viewers, events: rate * seconds, server: server) {
            server.send("steady \(rate * seconds) \(rate) \(bytes)")
            _ = server.line()
        }
        let burst = phase(viewers, events: self.burst, server: server) {
            server.send("burst \(self.burst) \(bytes)")
            _ = server.line()
        }
        return row("bare send loop", steady, burst)
    }

    private struct Phase {
        let deliveries: Int
        let bytes: Int
        let disorder: Int
        let nanoseconds: UInt64
        let processorTime: UInt64
    }

    private func phase(_ viewers: Child, events: Int, server: Child, _ body: () -> Void) -> Phase {
        viewers.send("expect \(events)")
        _ = viewers.line()
        let before = server.processorTime
        body()
        let words = viewers.line().compactMap { Int($0) }
        return Phase(
            deliveries: words[0], bytes: words[1], disorder: words[2], nanoseconds: UInt64(words[3]),
            processorTime: server.processorTime - before)
    }

    private func row(_ name: String, _ steady: Phase, _ burst: Phase) -> Row {
        Row(
            name: name, steadyMicroseconds: Double(steady.processorTime) / Double(steady.deliveries) / 1000,
            burstPerSecond: Double(burst.deliveries) / (Double(burst.nanoseconds) / 1e9),
            disorder: steady.disorder + burst.disorder, bytesPerDelivery: steady.bytes / steady.deliveries)
    }

    // MARK: Report

    private func report(_ rows: [Row]) {
        let bare = rows[0]
        print(Table.line(["", "CPU/delivery", "x bare", "burst/s", "x bare", "disorder", "bytes"]))
        for row in rows {
            print(
                Table.line([
                    row.name, Table.fixed(row.steadyMicroseconds, 2) + " us",
                    Table.fixed(row.steadyMicroseconds / bare.steadyMicroseconds, 2),
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
