import Cuttings
import Foundation
import Progress
import Testing

/// Recorded output of real programs.
enum Recorded {
    static func bytes(_ name: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: "Recorded/" + name, withExtension: nil))
        return Array(try Data(contentsOf: url))
    }

    static func readings(_ cutting: Cutting, _ source: OutputReader.Source, _ reader: inout OutputReader) -> [Reading] {
        cutting.pieces.compactMap { piece in piece.withUnsafeBytes { reader.read($0, from: source) } }
    }

    /// Every reading: one byte at a time, so that no reading overtakes another.
    static func readings(_ name: String, _ source: OutputReader.Source, _ reader: inout OutputReader) throws
        -> [Reading]
    {
        readings(Cutting.all(of: try bytes(name), random: 0)[1], source, &reader)
    }
}

@Suite("Recorded output")
struct RecordedTests {
    @Test("ffmpeg's statistics: from nothing to 100 and never back, not what x264 says at the end")
    func statistics() throws {
        var reader = OutputReader()
        let readings = try Recorded.readings("ffmpeg-stderr.txt", .error, &reader)
        let percents = readings.compactMap(\.percent)
        #expect(percents.count > 20 && percents == percents.sorted() && percents.first! < 1 && percents.last! > 99)
        // time=00:00:05.59 of 20 s at 1.47x.
        #expect(readings.contains(Reading(percent: 5.59 * 100 / 20, remainingSeconds: 10)))
        #expect(readings.allSatisfy { $0.message == nil })
    }

    @Test("ffmpeg -progress: how long on standard error, how far on standard output")
    func progress() throws {
        var reader = OutputReader()
        // Even with -nostats it writes there how it ended.
        #expect(try Recorded.readings("ffmpeg-progress-stderr.txt", .error, &reader).count == 1)
        let readings = try Recorded.readings("ffmpeg-progress.txt", .output, &reader)
        let percents = readings.compactMap(\.percent)
        #expect(percents.count > 10 && percents == percents.sorted() && percents.last == 100)
        #expect(readings.last?.remainingSeconds == 0)
    }

    @Test("ffmpeg of unknown length says where it is")
    func unknownLength() throws {
        var reader = OutputReader()
        let readings = try Recorded.readings("ffmpeg-progress.txt", .output, &reader)
        #expect(readings.last == Reading(message: "at 0:20"))
    }

    @Test("rsync --info=progress2", arguments: ["rsync-progress2.txt", "rsync-progress2-human.txt"])
    func progress2(_ name: String) throws {
        var reader = OutputReader()
        let readings = try Recorded.readings(name, .output, &reader)
        let percents = readings.compactMap(\.percent)
        #expect(percents.count > 30 && percents == percents.sorted() && percents.last == 100)
    }

    @Test("rsync --progress: by files, from the second one on")
    func perFile() throws {
        var reader = OutputReader()
        let percents = try Recorded.readings("rsync-progress.txt", .output, &reader).compactMap(\.percent)
        let files = percents.drop { $0 != 100 }.dropFirst()
        #expect(files.count > 30 && Array(files) == files.sorted() && files.first! < 10 && files.last == 100)
    }
}
