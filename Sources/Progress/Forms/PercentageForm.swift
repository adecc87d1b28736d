/// Percentages: `45%`, `[ 45%]`, `Progress: 12.5 %`.
enum PercentageForm {
    /// The last percentage of a line that is progress.
    static func last(in line: ArraySlice<UInt8>) -> Double? {
        var end = line.endIndex
        while let sign = line[..<end].lastIndex(of: UInt8(ascii: "%")) {
            if let number = number(line, sign) { return number }
            end = sign
        }
        return nil
    }

    /// The number before the `%` at `sign`, with at most one space between them; nil where it is part of something
    /// else, such as `%20`, `-5%` or `x86.5%`, or measures something else, such as `CPU 93%`.
    private static func number(_ line: ArraySlice<UInt8>, _ sign: Int) -> Double? {
        if let next = line[(sign + 1)...].first, Scanner.isWordCharacter(next) || next == UInt8(ascii: "%") {
            return nil
        }
        var digits = line[..<sign]
        if digits.last == 0x20 { digits = digits.dropLast() }
        let start = digits.lastIndex { !Scanner.isDigit($0) && $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: ",") }
        let text = digits[(start.map { $0 + 1 } ?? digits.startIndex)...]
        if let start, isPartOfNumber(digits[start]) { return nil }
        let point = text.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 }
        guard (1...8).contains(point.count), let first = point.first, Scanner.isDigit(first),
            let number = Double(String(decoding: point, as: UTF8.self)), number <= 100
        else { return nil }
        let isProgress =
            Label(before: line[..<text.startIndex]).mayBePercentage
            && !Label(after: line[(sign + 1)...]).namesMeasure
        return isProgress ? number : nil
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        Scanner.isWordCharacter(byte) || "-+/%.,".utf8.contains(byte)
    }
}
