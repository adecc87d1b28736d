/// Writes the head of a request or response. Values may echo remote input, so a control character becomes a space:
/// nobody can inject a line.
struct HeadWriter {
    private var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func firstLine(_ line: String) {
        append(line)
        bytes += "\r\n".utf8
    }

    mutating func field(_ name: String, _ value: String) {
        append(name)
        bytes += ": ".utf8
        append(value)
        bytes += "\r\n".utf8
    }

    mutating func fields(_ headers: Headers) {
        for line in headers.fields { field(line.name, line.value) }
    }

    /// Adds the empty line and the body.
    consuming func finish(body: [UInt8]) -> [UInt8] {
        bytes += "\r\n".utf8
        bytes += body
        return bytes
    }

    private mutating func append(_ text: String) {
        bytes += text.utf8.lazy.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }
    }
}
