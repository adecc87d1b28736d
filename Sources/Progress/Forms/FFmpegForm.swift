/// The output of ffmpeg: `Duration: 00:01:30.05` of each input, then repeatedly its progress, as `time=00:00:45.10 …
/// speed=1.5x` on standard error or, with `-progress`, as lines `out_time=…`, `speed=…`, `progress=continue`.
///
/// Its other lines hold percentages of all kinds (x264's statistics), so no other form is read in these. In other lines
/// there is: a script may run more programs than ffmpeg.
struct FFmpegForm: Sendable {
    /// Whether ffmpeg has written some of the output.
    private var isRecognised = false
    /// Seconds of the longest input.
    private var duration: Double?
    /// Completed seconds, in a group of `-progress` that is not yet complete.
    private var time: Double?

    /// The reading in a line, if any.
    mutating func read(_ line: ArraySlice<UInt8>) -> Reading? {
        var scanner = Scanner(line)
        scanner.skipSpaces()
        if scanner.take("Duration: ") {
            if let seconds = scanner.time(), seconds > 0 {
                duration = max(duration ?? 0, seconds)
                isRecognised = true
            }
            return nil
        }
        if scanner.take("ffmpeg version ") {
            isRecognised = true
            return nil
        }
        return readStatistics(line) ?? readProgress(line)
    }

    /// Whether a line without a reading is one of ffmpeg's: its inputs, outputs and their metadata, a part's message
    /// (`[libx264 @ 0x55d…] …`), an encoder's statistics, the summary at the end.
    func owns(_ line: ArraySlice<UInt8>) -> Bool {
        guard isRecognised, let first = line.first else { return false }
        var scanner = Scanner(line)
        if first == 0x20 { return scanner.skip(past: ": ") }
        if first == UInt8(ascii: "[") { return scanner.skip(past: " @ 0x") }
        if Self.beginnings.contains(where: { line.starts(with: $0) }) { return true }
        return scanner.skip(past: "muxing overhead")
    }

    private static let beginnings = [
        "Input #", "Output #", "Stream ", "frame=", "size=", "x265 [", "encoded ", "Svt[",
    ].map { Array($0.utf8) }

    /// `frame=  139 fps= 36 … time=00:00:05.59 … speed=1.47x`; sound alone has no frames: `size= … time=…`.
    private mutating func readStatistics(_ line: ArraySlice<UInt8>) -> Reading? {
        var scanner = Scanner(line)
        guard scanner.take("frame=") || scanner.take("size="), scanner.skip(past: " time="),
            let time = scanner.time()
        else { return nil }
        isRecognised = true
        return reading(time, speed: scanner.skip(past: "speed=") ? Self.speed(&scanner) : nil)
    }

    /// One line of a group of `-progress`; its last lines are speed and progress. `out_time_ms` is ignored: it holds
    /// microseconds (ffmpeg's ticket 7345).
    private mutating func readProgress(_ line: ArraySlice<UInt8>) -> Reading? {
        var scanner = Scanner(line)
        if scanner.take("out_time=") {
            time = scanner.time()
            isRecognised = isRecognised || time != nil
        } else if let time, scanner.take("speed=") {
            self.time = nil
            return reading(time, speed: Self.speed(&scanner))
        }
        return nil
    }

    private static func speed(_ scanner: inout Scanner) -> Double? {
        scanner.skipSpaces()
        return scanner.number()
    }

    private func reading(_ time: Double, speed: Double?) -> Reading {
        guard let duration else { return Reading(message: "at \(TimeText.clock(time))") }
        let left = speed.flatMap { $0 > 0 ? max(0, duration - time) / $0 : nil }
        return Reading(
            percent: min(100, time * 100 / duration),
            remainingSeconds: left.flatMap(Whole.seconds))
    }
}
