/// Reads a program's progress from its output. A value that knows both streams, since ffmpeg writes the film's length
/// on one and its progress on the other.
public struct OutputReader: Sendable {
    /// A stream of the program.
    public enum Source: Sendable {
        /// Standard output.
        case output
        /// Standard error.
        case error
    }

    private struct Stream {
        var cutter = LineCutter()
        var rows = RedrawnRows<Found>()
    }

    private var output = Stream()
    private var error = Stream()
    private var ffmpeg = FFmpegForm()
    private var rsync = RsyncForm()
    private var curl = CurlForm()
    private let patterns: [LinePattern]
    private var lastErrorLine: [UInt8] = []
    private var lastPlainLine: [UInt8] = []

    /// A reader that has seen nothing. With patterns only these tell of progress, the first that matches a line.
    public init(patterns: [LinePattern] = []) { self.patterns = patterns }

    /// Reads output of a stream, in any pieces; returns the newest reading in it, nil where there is none.
    public mutating func read(_ bytes: UnsafeRawBufferPointer, from source: Source) -> Reading? {
        var stream = source == .output ? output : error
        var seen = bytes
        if bytes.count > ReadingLimits.chunkBytes {
            stream.cutter.skip()
            seen = UnsafeRawBufferPointer(rebasing: bytes.suffix(ReadingLimits.floodBytes))
        }
        var newest: Found?
        var rows = stream.rows
        stream.cutter.cut(seen) { line, end in
            if source == .error { keepMeaningful(line) }
            let found = line.isEmpty ? nil : read(line)
            if let counted = rows.take(found, end) { newest = counted }
        }
        stream.rows = rows
        if source == .output { output = stream } else { error = stream }
        return newest.map(Self.reading)
    }

    /// Output of a stream is missing: the next bytes may be the end of an unknown line.
    public mutating func miss(from source: Source) {
        if source == .output { output.cutter.skip() } else { error.cutter.skip() }
    }

    /// Both streams have ended: returns the newest reading in lines without an end, nil where there is none.
    public mutating func finish() -> Reading? {
        var newest: Found?
        for held in [error.rows.finish(), output.rows.finish()] { newest = held ?? newest }
        for line in [error.cutter.rest, output.cutter.rest] where !line.isEmpty { newest = read(line) ?? newest }
        return newest.map(Self.reading)
    }

    /// The last meaningful line on standard error, as text for display; empty where there was none.
    public var lastError: String {
        let rest = PlainText.text(error.cutter.rest)
        return rest.isEmpty ? PlainText.text(lastErrorLine) : rest
    }

    /// The last meaningful line of either stream since the last reading, as text for display; empty where there was
    /// none. A sign of life of programs that tell no numbers.
    public var lastLine: String { PlainText.text(lastPlainLine) }

    private mutating func keepMeaningful(_ line: ArraySlice<UInt8>) {
        if line.contains(where: { $0 > 0x20 }) { lastErrorLine = Array(line) }
    }

    /// The result of a line. Only the last line of a chunk gets a text.
    private enum Found {
        case form(Reading)
        case line([UInt8], percent: Double)
    }

    private static func reading(_ found: Found) -> Reading {
        switch found {
        case .form(let reading): reading
        case .line(let line, let percent):
            Reading(
                percent: percent, remainingSeconds: percent < 100 ? RemainingTime.read(line[...]) : nil,
                message: PlainText.text(BarCharacters.removed(from: line)))
        }
    }

    private mutating func read(_ line: ArraySlice<UInt8>) -> Found? {
        let plain = line.contains(0x1B) ? PlainText.withoutEscapes(line)[...] : line
        // Control characters: the line is data. Some programs ring the bell.
        guard !plain.contains(where: { $0 < 0x20 && $0 != 0x09 && $0 != 0x07 }) else { return nil }
        let found = patterns.isEmpty ? readForms(plain) : readPatterns(plain)
        if found != nil {
            lastPlainLine = []
        } else if plain.contains(where: { Scanner.isWordCharacter($0) || $0 >= 0x80 }) {
            lastPlainLine = Array(plain)
        }
        return found
    }

    private func readPatterns(_ line: ArraySlice<UInt8>) -> Found? {
        for pattern in patterns {
            if let percent = pattern.percent(in: line) { return .line(Array(line), percent: percent) }
        }
        return nil
    }

    private mutating func readForms(_ line: ArraySlice<UInt8>) -> Found? {
        if let reading = ffmpeg.read(line) { return .form(reading) }
        if ffmpeg.owns(line) { return nil }
        if let reading = rsync.read(line) { return .form(reading) }
        if rsync.isRecognised { return nil }
        if let reading = curl.read(line) { return .form(reading) }
        guard !Preliminaries.include(line) else { return nil }
        return CommonForms.read(line).map { .line(Array(line), percent: $0) }
    }
}
