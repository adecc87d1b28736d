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

    private var output = LineCutter()
    private var error = LineCutter()
    private var ffmpeg = FFmpegForm()
    private var rsync = RsyncForm()
    private var lastErrorLine: [UInt8] = []

    /// A reader that has seen nothing.
    public init() {}

    /// Reads output of a stream, in any pieces; returns the newest reading in it, nil where there is none.
    public mutating func read(_ bytes: UnsafeRawBufferPointer, from source: Source) -> Reading? {
        var cutter = source == .output ? output : error
        var seen = bytes
        if bytes.count > ReadingLimits.chunkBytes {
            cutter.skip()
            seen = UnsafeRawBufferPointer(rebasing: bytes.suffix(ReadingLimits.floodBytes))
        }
        var newest: Found?
        cutter.cut(seen) { line in
            if source == .error { keepMeaningful(line) }
            if let found = read(line) { newest = found }
        }
        if source == .output { output = cutter } else { error = cutter }
        return newest.map(Self.reading)
    }

    /// Output of a stream is missing: the next bytes may be the end of an unknown line.
    public mutating func miss(from source: Source) {
        if source == .output { output.skip() } else { error.skip() }
    }

    /// Both streams have ended: returns the newest reading in lines without an end, nil where there is none.
    public mutating func finish() -> Reading? {
        var newest: Found?
        for line in [error.rest, output.rest] where !line.isEmpty { newest = read(line) ?? newest }
        return newest.map(Self.reading)
    }

    /// The last meaningful line on standard error, as text for display; empty where there was none.
    public var lastError: String {
        let rest = PlainText.text(error.rest)
        return rest.isEmpty ? PlainText.text(lastErrorLine) : rest
    }

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
        case .line(let line, let percent): Reading(percent: percent, message: PlainText.text(line))
        }
    }

    private mutating func read(_ line: ArraySlice<UInt8>) -> Found? {
        // Control characters: the line is data.
        guard !line.contains(where: { $0 < 0x20 && $0 != 0x09 && $0 != 0x1B }) else { return nil }
        let plain = line.contains(0x1B) ? PlainText.withoutEscapes(line)[...] : line
        if let reading = ffmpeg.read(plain) { return .form(reading) }
        if ffmpeg.isRecognised { return nil }
        if let reading = rsync.read(plain) { return .form(reading) }
        if rsync.isRecognised { return nil }
        return CommonForms.read(plain).map { .line(Array(plain), percent: $0) }
    }
}
