/// The forms that many programs share: `45%`, `[ 45%]`, `12/300`, `[12/300]`.
enum CommonForms {
    /// The percentage in a line: the last one, else the first fraction.
    static func read(_ line: ArraySlice<UInt8>) -> Double? {
        lastPercentage(line) ?? firstFraction(line)
    }

    private static func lastPercentage(_ line: ArraySlice<UInt8>) -> Double? {
        var end = line.endIndex
        while let sign = line[..<end].lastIndex(of: UInt8(ascii: "%")) {
            if let number = percentage(line, sign) { return number }
            end = sign
        }
        return nil
    }

    /// The number before the `%` at `sign`, with at most one space between them; nil where it is part of something
    /// else, such as `%20`, `-5%` or `x86.5%`.
    private static func percentage(_ line: ArraySlice<UInt8>, _ sign: Int) -> Double? {
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
        return number
    }

    private static func firstFraction(_ line: ArraySlice<UInt8>) -> Double? {
        for slash in line.indices where line[slash] == UInt8(ascii: "/") {
            if let percent = fraction(line, slash) { return percent }
        }
        return nil
    }

    /// The fraction around the `/` at `slash`; nil where it looks like a date, a path or a score.
    private static func fraction(_ line: ArraySlice<UInt8>, _ slash: Int) -> Double? {
        let before = line[..<slash].reversed().prefix(while: Scanner.isDigit).count
        let after = line[(slash + 1)...].prefix(while: Scanner.isDigit).count
        guard (1...9).contains(before), (1...9).contains(after) else { return nil }
        let left = line[..<(slash - before)].last
        let rest = line[(slash + 1 + after)...]
        guard left.map(opens) ?? true, rest.first.map(closes) ?? true, !startsWithTime(rest) else { return nil }
        guard let done = Int(String(decoding: line[(slash - before)..<slash], as: UTF8.self)),
            let all = Int(String(decoding: line[(slash + 1)..<(slash + 1 + after)], as: UTF8.self)),
            all > 0, done <= all
        else { return nil }
        return Double(done) * 100 / Double(all)
    }

    /// ` 10:42`: the text before it was a date.
    private static func startsWithTime(_ rest: ArraySlice<UInt8>) -> Bool {
        var scanner = Scanner(rest)
        scanner.skipSpaces()
        let digits = scanner.take(while: Scanner.isDigit)
        return (1...2).contains(digits.count) && scanner.take(":")
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        Scanner.isWordCharacter(byte) || "-+/%.,".utf8.contains(byte)
    }

    private static func opens(_ byte: UInt8) -> Bool { " \t[(|#:=".utf8.contains(byte) }
    private static func closes(_ byte: UInt8) -> Bool { " \t]),:;|".utf8.contains(byte) }
}
