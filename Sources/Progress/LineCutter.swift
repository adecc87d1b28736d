/// Cuts output into lines, in any pieces. Everything that moves the cursor also ends a line: carriage returns and
/// backspaces, and the sequences that programs redraw their lines with (ECMA-48 8.3, DECSC and DECRC).
struct LineCutter: Sendable {
    /// How a line ends.
    enum End: Equatable, Sendable {
        /// The cursor goes down by so many lines.
        case down(Int)
        /// The cursor goes up by so many lines.
        case up(Int)
        /// The cursor goes to a place of the screen.
        case placed
        /// The cursor goes elsewhere in its line, or to where it was; the program may overwrite the line.
        case elsewhere
    }

    private enum State { case text, escape, sequence }

    private var line: [UInt8] = []
    private var isTooLong = false
    private var state = State.text
    /// The first parameter of an escape sequence.
    private var parameter = 0

    /// Takes bytes; calls `body` with every complete line, without its end. An empty line has no bytes; nor has one
    /// beyond the bound.
    mutating func cut(_ bytes: UnsafeRawBufferPointer, _ body: (ArraySlice<UInt8>, End) -> Void) {
        var start = 0
        for (index, byte) in bytes.enumerated() {
            guard let end = end(at: byte) else { continue }
            take(bytes[start..<index])
            body(rest, end)
            line.removeAll(keepingCapacity: true)
            isTooLong = false
            start = index + 1
        }
        take(bytes[start...])
    }

    /// Follows escape sequences; returns how the line ends with this byte, nil where it goes on.
    private mutating func end(at byte: UInt8) -> End? {
        switch byte {
        case 0x0A:
            state = .text
            return .down(1)
        case 0x0D, 0x08:
            state = .text
            return .elsewhere
        case 0x1B:
            state = .escape
            return nil
        default: return state == .text ? nil : endOfSequence(byte)
        }
    }

    private mutating func endOfSequence(_ byte: UInt8) -> End? {
        guard state == .sequence else {
            state = byte == UInt8(ascii: "[") ? .sequence : .text
            parameter = 0
            return byte == UInt8(ascii: "7") || byte == UInt8(ascii: "8") ? .elsewhere : nil
        }
        if Scanner.isDigit(byte) { parameter = min(9_999, parameter * 10 + Int(byte - UInt8(ascii: "0"))) }
        guard (0x40...0x7E).contains(byte) else { return nil }
        state = .text
        let count = max(1, parameter)
        switch byte {
        case UInt8(ascii: "A"), UInt8(ascii: "F"): return .up(count)
        case UInt8(ascii: "B"), UInt8(ascii: "E"): return .down(count)
        case UInt8(ascii: "H"), UInt8(ascii: "f"), UInt8(ascii: "d"): return .placed
        // To a column, the left, a saved place.
        case UInt8(ascii: "G"), UInt8(ascii: "D"), UInt8(ascii: "u"): return .elsewhere
        default: return nil
        }
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
        state = .text
    }

    /// The line that has no end yet.
    var rest: ArraySlice<UInt8> { isTooLong ? [] : line[...] }
}
