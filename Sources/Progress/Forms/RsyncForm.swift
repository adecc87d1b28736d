/// The output of rsync: `     12,345,678  45%   12.34MB/s    0:00:12 (xfr#5, to-chk=35/40)`, for the whole with
/// `--info=progress2`, for each file with `--progress`.
struct RsyncForm: Sendable {
    /// Lines in a row that are none of rsync's progress, after which it is no longer rsync that writes: between two of
    /// them it names few files.
    private static let patience = 20

    /// Lines since the last one of rsync's progress; nil before the first.
    private var linesSince: Int?
    /// Whether the output is rsync's: its names of files are no progress.
    var isRecognised: Bool { linesSince.map { $0 <= Self.patience } ?? false }
    private var last = 0.0
    /// The percentage started again: each file has its own. Then the number of files left to check counts.
    private var isPerFile = false

    /// The reading in a line, if it is one of rsync's.
    mutating func read(_ line: ArraySlice<UInt8>) -> Reading? {
        linesSince = linesSince.map { min($0 + 1, Self.patience + 1) }
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
        linesSince = 0
        scanner.skipSpaces()
        defer { last = percent }
        if last == 100, percent < 100 { isPerFile = true }
        let checked = checked(&scanner)
        if isPerFile { return checked.map { Reading(percent: $0) } }
        // After a completed file the time is the time it took, elsewhere the time left.
        return Reading(percent: percent, remainingSeconds: checked == nil ? Whole.seconds(time) : nil)
    }

    /// `(xfr#5, to-chk=35/40)`: percent of checked files; `ir-chk` while the list still grows.
    private func checked(_ scanner: inout Scanner) -> Double? {
        guard scanner.take("("), scanner.skip(past: "-chk="), let left = scanner.number(), scanner.take("/"),
            let all = scanner.number(), all > 0, left <= all
        else { return nil }
        return (all - left) * 100 / all
    }
}
