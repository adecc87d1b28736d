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
        let (before, after) = (line[..<text.startIndex], line[(sign + 1)...])
        let isProgress =
            Label(before: before).mayBePercentage && !Label(after: after).namesMeasure
            && !isColumn(before) && !isOfFile(before, after) && !isSimilarity(line, after)
        return isProgress ? number : nil
    }

    /// Whether it stands behind two other numbers, as in tables: `50G  20G  28G  42% /`, `TOTAL  120  10  92%`.
    private static func isColumn(_ before: ArraySlice<UInt8>) -> Bool {
        let cells = before.suffix(64).split { $0 == 0x20 || $0 == 0x09 }.suffix(2)
        return cells.count == 2
            && cells.allSatisfy { cell in
                let unit = cell.drop { Scanner.isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",") }
                return (cell.first.map(Scanner.isDigit) ?? false)
                    && (unit.isEmpty || unit.count == 1 && unit.allSatisfy("KMGTP".utf8.contains))
            }
    }

    /// Whether it measures a file, as those of gzip do: `a.txt: 45.3%`, `a: 45.3% -- replaced with a.gz`. A bar is
    /// progress.
    private static func isOfFile(_ before: ArraySlice<UInt8>, _ after: ArraySlice<UInt8>) -> Bool {
        if after.starts(with: " -- ".utf8) { return true }
        var name = before
        while let last = name.last, last == 0x20 || last == 0x09 { name = name.dropLast() }
        guard name.last == UInt8(ascii: ":"), !name.contains(0x20), !(after.first.map("|[".utf8.contains) ?? false)
        else { return false }
        return name.dropLast().contains(UInt8(ascii: "."))
    }

    /// Whether it tells how much two files are alike, as git does: `rename {a => b} (95%)`, `rewrite a (62%)`.
    private static func isSimilarity(_ line: ArraySlice<UInt8>, _ after: ArraySlice<UInt8>) -> Bool {
        var scanner = Scanner(line)
        scanner.skipSpaces()
        guard after.elementsEqual(")".utf8) else { return false }
        if scanner.take("rewrite ") { return true }
        return (scanner.take("rename ") || scanner.take("copy ")) && scanner.skip(past: " => ")
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        Scanner.isWordCharacter(byte) || "-+/%.,".utf8.contains(byte)
    }
}
