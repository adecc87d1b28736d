/// Reads pieces of a validated text: nothing here checks the grammar again.
enum JSONText {
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func isEqual(_ bytes: ArraySlice<UInt8>, _ word: StaticString) -> Bool {
        guard bytes.count == word.utf8CodeUnitCount else { return false }
        var next = word.utf8Start
        // Most words that are not equal differ in their first byte.
        for byte in bytes {
            guard byte == next.pointee else { return false }
            next += 1
        }
        return true
    }

    /// The integer in `digits`, nil when there is a fraction, an exponent or an overflow.
    static func integer(_ digits: ArraySlice<UInt8>) -> Int64? {
        let isNegative = digits.first == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in isNegative ? digits.dropFirst() : digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            // Counts down from zero for negative numbers: Int64.min has no positive counterpart.
            let (next, carry) =
                isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            value = next
        }
        return value
    }

    /// The places of the elements of the array that begins at `start`.
    static func elements(of bytes: [UInt8], from start: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var depth = 0
        var at = start
        var elementStart = start + 1
        func close() {
            var lower = elementStart
            var upper = at
            while lower < upper, isSpace(bytes[lower]) { lower += 1 }
            while lower < upper, isSpace(bytes[upper - 1]) { upper -= 1 }
            if lower < upper { ranges.append(lower..<upper) }
            elementStart = at + 1
        }
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""): at = endOfString(bytes, from: at)
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 {
                    close()
                    return ranges
                }
            case UInt8(ascii: ",") where depth == 1: close()
            default: break
            }
            at += 1
        }
        return ranges
    }

    /// The position of the closing quote of the string that opens at `start`.
    static func endOfString(_ bytes: [UInt8], from start: Int) -> Int {
        var at = start + 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
            at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        return at
    }
}

extension StaticString {
    /// The word's bytes; every fixed word is ASCII.
    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}
