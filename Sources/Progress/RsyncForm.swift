/// What rsync writes: `     12,345,678  45%   12.34MB/s    0:00:12 (xfr#5, to-chk=35/40)`, of the whole with
/// `--info=progress2`, of one file after another with `--progress`.
struct RsyncForm: Sendable {
    /// Whether the output is rsync's.
    private(set) var isRecognised = false
    private var last = 0.0
    /// The percentage has begun again: each file has its own. What counts then is how many files are to be checked still.
    private var isPerFile = false

    /// What the line says, if it is one of rsync's.
    mutating func read(_ line: ArraySlice<UInt8>) -> Reading? {
        var scanner = Scanner(line)
        scanner.skipSpaces()
        // Bytes: `12,345,678`, `12.345.678`, `11.77M`.
        guard !scanner.take(while: { Scanner.isDigit($0) || ",.KMGTP".utf8.contains($0) }).isEmpty else { return nil }
        scanner.skipSpaces()
        guard let percent = scanner.number(), percent <= 100, scanner.take("%") else { return nil }
        scanner.skipSpaces()
        guard scanner.take(while: { $0 != 0x20 }).suffix(3).elementsEqual("B/s".utf8) else { return nil }
        scanner.skipSpaces()
        guard let time = scanner.time() else { return nil }
        isRecognised = true
        scanner.skipSpaces()
        defer { last = percent }
        if last == 100, percent < 100 { isPerFile = true }
        let checked = checked(&scanner)
        if isPerFile { return checked.map { Reading(percent: $0) } }
        // Behind a file that is through stands the time it took, elsewhere the time that is left.
        return Reading(percent: percent, remainingSeconds: checked == nil ? Whole.seconds(time) : nil)
    }

    /// `(xfr#5, to-chk=35/40)`: percent of the files that are checked; `ir-chk` while the list still grows.
    private func checked(_ scanner: inout Scanner) -> Double? {
        guard scanner.take("("), scanner.skip(past: "-chk="), let left = scanner.number(), scanner.take("/"),
            let all = scanner.number(), all > 0, left <= all
        else { return nil }
        return (all - left) * 100 / all
    }
}
