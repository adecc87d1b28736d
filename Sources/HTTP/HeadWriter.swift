/// Writes the head of a request or response. A control character, which a value that echoes remote input might contain,
/// becomes a space, so that nobody can put a line of his own into what we send.
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

    /// The empty line and what follows it.
    consuming func finish(body: [UInt8]) -> [UInt8] {
        bytes += "\r\n".utf8
        bytes += body
        return bytes
    }

    private mutating func append(_ text: String) {
        bytes += text.utf8.lazy.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }
    }
}
