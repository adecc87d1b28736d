import Cuttings
import Progress

/// A running program's output, on either of its streams.
enum ProgressFuzz {
    static let output = FuzzTarget(name: "progress", seeds: { seeds.map { Array($0.utf8) } }) { input in
        // The first byte selects the stream; the chunk is short enough to be read whole.
        let source: OutputReader.Source = input.first.map { $0 & 1 == 0 } ?? true ? .output : .error
        let bytes = Array(input.dropFirst().prefix(ReadingLimits.chunkBytes))
        var whole = OutputReader()
        let last = read(bytes, source, &whole)
        var single = OutputReader()
        let lastOfSingle = bytes.reduce(nil) { newest, byte in read([byte], source, &single) ?? newest }
        demand(
            last == lastOfSingle,
            "whole: \(String(describing: last)), byte by byte: \(String(describing: lastOfSingle))")
        demand(whole.lastError == single.lastError, "the last error differs")
        demand(whole.lastError.count <= ReadingLimits.messageCharacters, "a long error")
        let end = whole.finish()
        demand(end == single.finish(), "the end differs")
        end.map(check)
        packets(input)
    }

    /// A pattern, and behind its first line end the output that it reads.
    static let pattern = FuzzTarget(name: "pattern", seeds: { patternSeeds.map { Array($0.utf8) } }) { input in
        let parts = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        let text = String(decoding: parts[0], as: UTF8.self)
        do throws(PatternFault) {
            var reader = OutputReader(patterns: [try LinePattern(text)])
            _ = read(
                Array((parts.count > 1 ? parts[1] : []).prefix(ReadingLimits.chunkBytes)) + [0x0A], .output, &reader)
        } catch {
            demand(
                (1...max(LinePattern.maxCharacters, text.unicodeScalars.count) + 1).contains(error.column), "a place")
        }
    }

    private static let patternSeeds = [
        "(\\d+)%\n45%", "(?i)page (\\d+) of ([\\d,]+)\nPage 3 of 1,200", "(?:a|b*)*?([^0-9]{2,3})\\b$\nab-c",
        "^.+[a-z-]\\w(x)?\nx",
    ]

    /// The part of a stream that is reported to the other process, and the reading of it there.
    private static func packets(_ input: [UInt8]) {
        if let report = input.withUnsafeBytes({ RunReport(packet: $0) }) {
            demand(
                report.packet.withUnsafeBytes { RunReport(packet: $0) } == report, "a report that changes on its way")
        }
        var newest = NewestOutput()
        for piece in Cutting.repeatable(of: input).last?.pieces ?? [] { piece.withUnsafeBytes { newest.add($0) } }
        demand(newest.waiting.bytes.elementsEqual(input.suffix(newest.waiting.bytes.count)), "not the newest")
        demand(newest.waiting.lacks == (newest.waiting.bytes.count < input.count), "what is gone is not said")
    }

    private static func read(
        _ bytes: [UInt8], _ source: OutputReader.Source, _ reader: inout OutputReader
    ) -> Reading? {
        let reading = bytes.withUnsafeBytes { reader.read($0, from: source) }
        reading.map(check)
        return reading
    }

    private static func check(_ reading: Reading) {
        demand(reading.percent.map { (0...100).contains($0) } != false, "\(reading)")
        demand(reading.remainingSeconds.map { (0...1_000_000_000).contains($0) } != false, "\(reading)")
        demand(reading.message.map { $0.count <= ReadingLimits.messageCharacters } != false, "\(reading)")
        let line = Board.Line(name: "t", mark: .running, percent: reading.percent, words: reading.message ?? "")
        let board = Board(style: Board.Style(columns: 40, isUnicode: true, isColoured: false))
        demand(board.draw([line]).count == 1, "no line of \(reading)")
    }

    private static let seeds = [
        "o    1,234,567  45%    1.00MB/s    9999999999999999:00:00\n",
        "o     12,345,678  45%   12.34MB/s    0:00:12 (xfr#5, to-chk=35/40)\n",
        "o[ 45%] Building C object\r[12/300] Compiling\n",
        "e  Duration: 00:00:20.00, start: 0.0\nframe=  139 fps= 36 size= 1kB time=00:00:05.59 bitrate=1k speed=1.47x\n",
        "oout_time=00:00:01.5\nspeed=2x\nprogress=continue\n", "e\u{1B}[31merror\u{1B}[0m\n12.5 %\n\u{8}50%",
    ]
}
