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

    /// `0:12`, `1:02:03`, `2:01:02:03`: seconds.
    mutating func clock() -> Double? {
        var copy = self
        guard let first = copy.whole() else { return nil }
        var parts = [first]
        while parts.count < 4, copy.take(":") {
            guard let part = copy.whole() else { return nil }
            parts.append(part)
        }
        guard parts.count > 1 else { return nil }
        self = copy
        let worth: [Double] = [1, 60, 3600, 86_400]
        return zip(parts.reversed(), worth).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// `45s`, `1m20s`, `2h5m`, `12 sec`: seconds.
    mutating func span() -> Double? {
        var copy = self
        var total: Double?
        while let number = copy.whole() {
            _ = copy.take(" ")
            guard let unit = copy.take(while: Self.isLetter).first,
                let seconds = [UInt8(ascii: "s"): 1.0, UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3600][unit]
            else { return nil }
            total = (total ?? 0) + number * seconds
        }
        if total != nil { self = copy }
        return total
    }

    /// At most six digits.
    private mutating func whole() -> Double? {
        var copy = self
        let digits = copy.take(while: Self.isDigit)
        guard (1...6).contains(digits.count), let number = Double(String(decoding: digits, as: UTF8.self)) else {
            return nil
        }
        self = copy
        return number
    }

    static func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func isWordCharacter(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_")
            || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
    }
}
