/// Fractions: `12/300`, `[12/300]`, `1.2/5.0 MB`, `Step 1 of 3`.
enum FractionForm {
    /// The percentage of the first fraction of a line that is progress.
    static func first(in line: ArraySlice<UInt8>) -> Double? {
        for index in line.indices {
            switch line[index] {
            case UInt8(ascii: "/"): if let percent = fraction(line, index) ?? size(line, index) { return percent }
            case UInt8(ascii: "o"): if let percent = of(line, index) { return percent }
            default: break
            }
        }
        return nil
    }

    /// The fraction around the `/` at `slash`; nil where it looks like a date, a path or a score.
    private static func fraction(_ line: ArraySlice<UInt8>, _ slash: Int) -> Double? {
        guard let done = digits(before: slash, in: line), let all = digits(after: slash + 1, in: line) else {
            return nil
        }
        let before = line[..<done.startIndex]
        let rest = line[all.endIndex...]
        guard before.last.map(opens) ?? true, rest.first.map(closes) ?? true, !startsWithTime(rest),
            !startsWithUnit(rest), isMarked(before, rest)
        else { return nil }
        return percent(of: done, all)
    }

    /// Whether something says that the fraction between these is progress: a word that it belongs to, a bracket or a
    /// bar before it, or a word such as `done` behind it. Without any it may count anything, such as a table's
    /// containers or a recipe's cups, unless it is all of the line.
    private static func isMarked(_ before: ArraySlice<UInt8>, _ rest: ArraySlice<UInt8>) -> Bool {
        let (label, after) = (Label(before: before), Label(after: rest))
        guard label.mayBeFraction, !after.namesOutcome else { return false }
        if label.namesStep || after.namesDone { return true }
        var near = before
        while near.last == 0x20 { near = near.dropLast() }
        if let last = near.last, before.count - near.count < 2 || ":=#".utf8.contains(last) {
            if label.isWord { return true }
            if "[(|#]>".utf8.contains(last) || last >= 0x80 { return !after.namesMeasure }
        }
        return !before.contains(where: Scanner.isWordCharacter) && !rest.contains(where: Scanner.isWordCharacter)
    }

    /// `Step 1 of 3`, `[1 of 3]`: the word `of` at `index`. Behind no word it is a sentence, such as `3 of 5 failed`,
    /// unless that is the whole line.
    private static func of(_ line: ArraySlice<UInt8>, _ index: Int) -> Double? {
        guard line[index...].starts(with: "of ".utf8), line[..<index].last == 0x20 else { return nil }
        let end = line[..<index].lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? index
        let start = line[(index + 2)...].firstIndex { $0 != 0x20 } ?? line.endIndex
        guard let done = digits(before: end, in: line), let all = digits(after: start, in: line) else { return nil }
        let before = line[..<done.startIndex]
        let rest = line[all.endIndex...]
        let label = Label(before: before)
        let isNamed = label.isWord || before.last.map { "[(#:".utf8.contains($0) } ?? false
        guard before.last.map({ opens($0) || $0 == UInt8(ascii: "#") }) ?? true, label.mayBeFraction,
            isNamed || !rest.contains(where: Scanner.isWordCharacter), endsNumber(rest)
        else { return nil }
        return percent(of: done, all)
    }

    /// `1.2/5.0 MB`, `12.3MB / 1.2GB`: the sizes around the `/` at `slash`.
    private static func size(_ line: ArraySlice<UInt8>, _ slash: Int) -> Double? {
        var scanner = Scanner(line[(slash + 1)...])
        scanner.skipSpaces()
        guard let all = scanner.number(), let unit = SizeUnit(&scanner), all > 0 else { return nil }
        let rest = scanner.rest.first
        guard rest != UInt8(ascii: "/"), !(rest.map(Scanner.isWordCharacter) ?? false),
            let (done, before) = size(before: slash, in: line, unit), before.last.map(opensSize) ?? true,
            Label(before: before).mayBeFraction
        else { return nil }
        let percent = done * 100 / (all * unit.bytes)
        return percent.isFinite && percent <= 100 ? percent : nil
    }

    /// The bytes of the size that ends at `slash`, in `unit` where it names none; and the line before it.
    private static func size(
        before slash: Int, in line: ArraySlice<UInt8>, _ unit: SizeUnit
    ) -> (Double, ArraySlice<UInt8>)? {
        var text = line[..<slash]
        if text.last == 0x20 { text = text.dropLast() }
        let letters = text.reversed().prefix(while: Scanner.isLetter).count
        var own = Scanner(text.suffix(letters))
        text = text.dropLast(letters)
        if text.last == 0x20 { text = text.dropLast() }
        let digits = text.reversed().prefix { Scanner.isDigit($0) || $0 == UInt8(ascii: ".") }.count
        var number = Scanner(text.suffix(digits))
        guard let value = number.number(), let unit = letters == 0 ? unit : SizeUnit(&own), own.rest.isEmpty else {
            return nil
        }
        return (value * unit.bytes, text.dropLast(digits))
    }

    // MARK: Parts

    private static func digits(before end: Int, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let digits = line[..<end].suffix(line[..<end].reversed().prefix(while: Scanner.isDigit).count)
        return (1...9).contains(digits.count) ? digits : nil
    }

    private static func digits(after start: Int, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let digits = line[start...].prefix(while: Scanner.isDigit)
        return (1...9).contains(digits.count) ? digits : nil
    }

    private static func percent(of done: ArraySlice<UInt8>, _ all: ArraySlice<UInt8>) -> Double? {
        guard let done = Int(String(decoding: done, as: UTF8.self)),
            let all = Int(String(decoding: all, as: UTF8.self)),
            all > 0, done <= all
        else { return nil }
        return Double(done) * 100 / Double(all)
    }

    /// ` 10:42`, ` at 10:42`: the text before it was a date.
    private static func startsWithTime(_ rest: ArraySlice<UInt8>) -> Bool {
        var scanner = Scanner(rest)
        scanner.skipSpaces()
        if scanner.take("at ") { scanner.skipSpaces() }
        let digits = scanner.take(while: Scanner.isDigit)
        return (1...2).contains(digits.count) && scanner.take(":")
    }

    /// ` MB`: sizes, whose left one may have a point.
    private static func startsWithUnit(_ rest: ArraySlice<UInt8>) -> Bool {
        var scanner = Scanner(rest)
        return SizeUnit(&scanner) != nil && !(scanner.rest.first.map(Scanner.isWordCharacter) ?? false)
    }

    private static func endsNumber(_ rest: ArraySlice<UInt8>) -> Bool {
        guard let first = rest.first else { return true }
        if first == UInt8(ascii: "."), let next = rest.dropFirst().first { return !Scanner.isDigit(next) }
        return closes(first) || first == UInt8(ascii: ".")
    }

    private static func opens(_ byte: UInt8) -> Bool { " \t[(|#:=".utf8.contains(byte) }
    private static func closes(_ byte: UInt8) -> Bool { " \t]),:;|".utf8.contains(byte) }
    /// Bars end in characters beyond ASCII.
    private static func opensSize(_ byte: UInt8) -> Bool { opens(byte) || byte >= 0x80 }
}

/// A unit of sizes: `B`, `kB`, `MiB`.
struct SizeUnit {
    /// Bytes of one.
    let bytes: Double

    /// Reads a unit, with at most one space before it; nil where there is none.
    init?(_ scanner: inout Scanner) {
        var copy = scanner
        if copy.rest.first == 0x20 { _ = copy.take(" ") }
        let letters = copy.take(while: Scanner.isLetter)
        let prefix = String(decoding: letters, as: UTF8.self).lowercased()
        guard prefix.hasSuffix("b"), letters.last == UInt8(ascii: "B") else { return nil }
        let isBinary = prefix.hasSuffix("ib")
        let power = ["", "k", "m", "g", "t", "p"].firstIndex(of: String(prefix.dropLast(isBinary ? 2 : 1)))
        guard let power, power > 0 || !isBinary else { return nil }
        bytes = (0..<power).reduce(1.0) { bytes, _ in bytes * (isBinary ? 1024 : 1000) }
        scanner = copy
    }
}
