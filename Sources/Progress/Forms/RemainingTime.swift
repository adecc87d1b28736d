/// The time left beside a bar: tqdm's `[00:05<00:06, `, `ETA 0:00:12`, the time at the end of rich's lines.
enum RemainingTime {
    /// The seconds that a line of progress names, if any.
    static func read(_ line: ArraySlice<UInt8>) -> Int? {
        let seconds = inBracket(line) ?? afterETA(line) ?? atEndOfBar(line)
        return seconds.flatMap(Whole.seconds)
    }

    private static func inBracket(_ line: ArraySlice<UInt8>) -> Double? {
        var scanner = Scanner(line)
        guard scanner.skip(past: "["), scanner.clock() != nil, scanner.take("<"), let left = scanner.clock(),
            scanner.take(",") || scanner.take("]")
        else { return nil }
        return left
    }

    private static func afterETA(_ line: ArraySlice<UInt8>) -> Double? {
        for word: StaticString in ["ETA", "eta"] {
            var scanner = Scanner(line)
            while scanner.skip(past: word) {
                var time = scanner
                _ = time.take(while: { $0 == 0x20 || $0 == UInt8(ascii: ":") })
                if let left = time.clock() ?? time.span() { return left }
            }
        }
        return nil
    }

    /// rich: `Working ━━━━━╸━━━━  45% 0:00:06`.
    private static func atEndOfBar(_ line: ArraySlice<UInt8>) -> Double? {
        let bar = Array("━".utf8)
        let words = line.split(separator: 0x20)
        guard let last = words.last, words.dropLast().last?.last == UInt8(ascii: "%"),
            words.contains(where: { $0.starts(with: bar) })
        else { return nil }
        var scanner = Scanner(last)
        guard let left = scanner.clock(), scanner.rest.isEmpty else { return nil }
        return left
    }
}
