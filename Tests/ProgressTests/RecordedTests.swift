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

    private func percents(_ name: String, _ source: OutputReader.Source = .output) throws -> [Double] {
        var reader = OutputReader()
        let readings = try Recorded.readings(name, source, &reader)
        return (readings + [reader.finish()].compactMap(\.self)).compactMap(\.percent)
    }

    @Test(
        "bars and meters: from the beginning to 100 and never back",
        arguments: ["curl.txt", "curl-bar.txt", "curl-parallel.txt", "pv.txt", "tqdm.txt", "rich.txt", "pip.txt"])
    func bars(_ name: String) throws {
        let percents = try percents(name, .error)
        #expect(percents.count >= 5 && percents == percents.sorted() && percents.last == 100, "\(percents)")
        var reader = OutputReader()
        let left = try Recorded.readings(name, .error, &reader).compactMap(\.remainingSeconds)
        #expect(name == "curl-bar.txt" || !left.isEmpty && left.allSatisfy { $0 < 20 }, "\(left)")
    }

    @Test("of several bars the topmost counts")
    func several() throws {
        let epochs = try percents("tqdm-nested.txt").filter { $0 > 0 }
        #expect(Set(epochs) == [33, 67, 100] && epochs == epochs.sorted(), "\(epochs)")
        let all = try percents("rich-two.txt")
        #expect(all.count > 8 && all == all.sorted() && all.last == 100 && all.contains(90), "\(all)")
    }

    @Test("git clone: first the objects, then the deltas, not what the other side counts")
    func gitClone() throws {
        let percents = try percents("git-clone.txt", .error)
        let objects = percents.prefix { $0 != 100 }
        #expect(objects.first == 3 && Array(objects) == objects.sorted() && objects.count > 20)
        let deltas = percents.dropFirst(objects.count).drop { $0 == 100 }
        #expect(Array(deltas) == [0, 14, 28, 42, 57, 71, 85, 100, 100])
    }

    @Test("apt: what it downloads, then what it installs", arguments: ["apt.txt", "apt-terminal.txt"])
    func apt(_ name: String) throws {
        let installing: [Double] = [0, 20, 40, 60, 80]
        let percents = try percents(name)
        #expect(percents == (name == "apt.txt" ? installing : [0, 80, 100] + installing))
    }

    @Test(
        "without a total there is no percentage, but a sign of life",
        arguments: [
            ("dd.txt", "3000000 bytes (3.0 MB, 2.9 MiB) copied, 4.24969 s, 706 kB/s"),
            ("curl-unknown.txt", "100 2930k 0 2930k 0 0 697k 0 --:--:-- 0:00:04 --:--:-- 697k"),
            ("pv-unknown.txt", "2.86MiB 0:00:02 [1009KiB/s] [ <=> ]"), ("tqdm-unknown.txt", "rows: 8it"),
        ])
    func noTotal(_ name: String, _ last: String) throws {
        var reader = OutputReader()
        #expect(try Recorded.readings(name, .error, &reader) == [])
        #expect(reader.lastLine.hasPrefix(last), "\(reader.lastLine)")
    }

    @Test("every recording gives the same last reading however it arrives")
    func cuttings() throws {
        for name in ["tqdm-nested.txt", "rich-two.txt", "apt-terminal.txt", "pip.txt", "git-clone.txt", "curl.txt"] {
            let bytes = try Recorded.bytes(name)
            var seen: [Reading?] = []
            for cutting in Cutting.all(of: bytes, random: 5) {
                var reader = OutputReader()
                seen.append(Recorded.readings(cutting, .output, &reader).last)
            }
            #expect(Set(seen.map { $0?.percent }).count == 1 && seen[0] != nil, "\(name): \(seen)")
        }
    }
}
