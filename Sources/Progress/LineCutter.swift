/// Cuts output into lines, in any pieces. A carriage return and a backspace also end a line: programs that redraw one
/// line use them.
struct LineCutter: Sendable {
    private var line: [UInt8] = []
    private var isTooLong = false

    /// Takes bytes; calls `body` with every complete line, without its end. Skips empty lines, and lines beyond the
    /// bound.
    mutating func cut(_ bytes: UnsafeRawBufferPointer, _ body: (ArraySlice<UInt8>) -> Void) {
        var start = 0
        for (index, byte) in bytes.enumerated() where byte < 0x20 && (byte == 0x0A || byte == 0x0D || byte == 0x08) {
            take(bytes[start..<index])
            if !line.isEmpty, !isTooLong { body(line[...]) }
            line.removeAll(keepingCapacity: true)
            isTooLong = false
            start = index + 1
        }
        take(bytes[start...])
    }

    private mutating func take(_ piece: Slice<UnsafeRawBufferPointer>) {
        if isTooLong || line.count + piece.count > ReadingLimits.lineBytes {
            isTooLong = true
        } else {
            line.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece))
        }
    }

    /// Drops the line that has begun: a part of it is missing.
    mutating func skip() {
        line.removeAll(keepingCapacity: true)
        isTooLong = true
    }

    /// The line that has no end yet.
    var rest: ArraySlice<UInt8> { isTooLong ? [] : line[...] }
}
