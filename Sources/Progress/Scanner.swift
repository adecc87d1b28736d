/// Reads a line from left to right.
struct Scanner {
    private(set) var rest: ArraySlice<UInt8>

    init(_ line: ArraySlice<UInt8>) { rest = line }

    mutating func skipSpaces() { rest = rest.drop { $0 == 0x20 } }

    /// Skips `word` where it comes next; returns whether it did.
    mutating func take(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        let bytes = UnsafeBufferPointer(start: word.utf8Start, count: count)
        guard rest.prefix(count).elementsEqual(bytes) else { return false }
        rest = rest.dropFirst(count)
        return true
    }

    /// Skips to after the first `word`; false where there is none.
    mutating func skip(past word: StaticString) -> Bool {
        while !rest.isEmpty {
            if take(word) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    /// The bytes for which `isWanted` is true, up to the first other one.
    mutating func take(while isWanted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let taken = rest.prefix(while: isWanted)
        rest = rest.dropFirst(taken.count)
        return taken
    }

    /// A decimal number of at most 15 digits, with or without a point.
    mutating func number() -> Double? {
        var copy = self
        let digits = copy.take { Self.isDigit($0) || $0 == UInt8(ascii: ".") }
        guard (1...16).contains(digits.count), let number = Double(String(decoding: digits, as: UTF8.self)) else {
            return nil
        }
        self = copy
        return number
    }

    /// `0:01:23`, `00:00:45.10`: seconds.
    mutating func time() -> Double? {
        var copy = self
        guard let hours = copy.number(), copy.take(":"), let minutes = copy.number(), copy.take(":"),
            let seconds = copy.number()
        else { return nil }
        self = copy
        return hours * 3600 + minutes * 60 + seconds
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func isWordCharacter(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_")
            || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
    }
}
