import JSON

/// The figures of a load.
struct BenchFigures: Sendable {
    /// Seconds until every viewer was connected and got an event.
    var connectSeconds = 0.0
    /// Seconds from the first event's time to the last delivery.
    var seconds = 0.0
    /// Events that nodes accepted and refused.
    var published = 0
    var refused = 0
    /// Expected and actual deliveries, each counted once.
    var expected = 0
    var deliveries = 0
    var duplicated = 0
    /// Viewers that lost their connection.
    var disconnected = 0
    /// The time from when an event was due to its delivery.
    var latency = Histogram()

    var missed: Int { max(0, expected - deliveries) }
    var perSecond: Double { seconds > 0 ? Double(deliveries) / seconds : 0 }

    /// Whether each viewer got each event, once.
    func isComplete(_ options: BenchOptions) -> Bool {
        missed == 0 && duplicated == 0 && disconnected == 0 && published == options.events
    }

    private static let shares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)]

    func text(_ options: BenchOptions) -> String {
        let times = Self.shares.map { "\($0.0) \(Self.milliseconds(latency.percentile($0.1)))" }
        return """
            \(options.connections) viewers (\(options.dialect.rawValue)) of \(options.tasks) tasks, \(options.rate) events/s of \
            \(options.size) bytes for \(Self.number(Double(options.milliseconds) / 1000)) s

            connected    \(options.connections) in \(Self.number(connectSeconds)) s
            published    \(published) of \(options.events)
            deliveries   \(deliveries) of \(expected), \(Self.number(perSecond)) a second
            latency      \(times.joined(separator: ", ")), max \(Self.milliseconds(latency.longest)) ms
            missed       \(missed)
            duplicated   \(duplicated)
            disconnected \(disconnected)
            """
    }

    func json(_ options: BenchOptions) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.key("dialect")
        writer.string(options.dialect.rawValue)
        let counts = [
            ("connections", options.connections), ("tasks", options.tasks), ("rate", options.rate),
            ("size", options.size),
            ("published", published), ("refused", refused), ("expected", expected), ("deliveries", deliveries),
            ("missed", missed), ("duplicated", duplicated), ("disconnected", disconnected),
        ]
        for (key, count) in counts {
            writer.key(key)
            writer.integer(count)
        }
        let numbers = [("connect_seconds", connectSeconds), ("seconds", seconds), ("deliveries_per_second", perSecond)]
        for (key, number) in numbers {
            writer.key(key)
            writer.double(number)
        }
        writer.key("latency_ms")
        writer.beginObject()
        for (name, share) in Self.shares {
            writer.key(name)
            writer.double(Double(latency.percentile(share)) / 1000)
        }
        writer.key("max")
        writer.double(Double(latency.longest) / 1000)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    private static func milliseconds(_ microseconds: UInt64) -> String { number(Double(microseconds) / 1000) }

    /// At most two decimal places.
    private static func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let fraction = hundredths % 100
        if fraction == 0 { return "\(hundredths / 100)" }
        return "\(hundredths / 100)." + (fraction < 10 ? "0" : "") + "\(fraction)"
    }
}
