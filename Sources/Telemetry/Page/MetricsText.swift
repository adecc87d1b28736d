/// Metrics in Prometheus' text format 0.0.4.
struct MetricsText {
    typealias Labels = KeyValuePairs<String, String>

    private(set) var bytes: [UInt8] = []

    /// A metric of one value.
    mutating func write(_ metric: Metric, _ value: some BinaryInteger) {
        begin(metric)
        sample(metric, [:], value)
    }

    /// A metric of one fractional value.
    mutating func write(_ metric: Metric, _ value: Double) {
        begin(metric)
        line(metric.name, [:], "\(value)")
    }

    /// The lines that describe a metric; its samples follow.
    mutating func begin(_ metric: Metric) {
        bytes += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n".utf8
    }

    mutating func sample(_ metric: Metric, _ labels: Labels, _ value: some BinaryInteger) {
        line(metric.name, labels, "\(value)")
    }

    /// A histogram whose values were counted in a unit of which `units` make one of Prometheus'. `buckets`: the buckets
    /// written one by one; lower ones are part of the first.
    mutating func write(
        _ metric: Metric, _ histogram: Log2Histogram, buckets: Range<Int>, dividedBy units: Double
    ) {
        begin(metric)
        var total: UInt64 = 0
        for bucket in 0..<Log2Histogram.bucketCount {
            total += histogram.counts[bucket]
            let isLast = bucket == Log2Histogram.bucketCount - 1
            guard isLast || buckets.contains(bucket) else { continue }
            let bound = isLast ? "+Inf" : "\(Double(1 << bucket) / units)"
            line(metric.name + "_bucket", ["le": bound], "\(total)")
        }
        line(metric.name + "_sum", [:], "\(Double(histogram.sum) / units)")
        line(metric.name + "_count", [:], "\(total)")
    }

    private mutating func line(_ name: String, _ labels: Labels, _ value: String) {
        bytes += name.utf8
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            bytes += "{\(pairs.joined(separator: ","))}".utf8
        }
        bytes += " \(value)\n".utf8
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
