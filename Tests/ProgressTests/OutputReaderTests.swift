import Cuttings
import Progress
import Testing

@Suite("Output reader")
struct OutputReaderTests {
    private func readings(_ text: String, from source: OutputReader.Source = .output) -> [Reading] {
        var reader = OutputReader()
        return Recorded.readings(Cutting.all(of: Array(text.utf8), random: 0)[1], source, &reader)
    }

    @Test("finds the same last reading however the output arrives")
    func cuttings() {
        let text = "start\n10%\r20%\r\u{1B}[K30%\n[9/10] almost\r\n40%\u{8}\u{8}\u{8}41%\nrest 99%"
        for cutting in Cutting.all(of: Array(text.utf8), random: 30) {
            var reader = OutputReader()
            let last = Recorded.readings(cutting, .output, &reader).last
            #expect(last == Reading(percent: 41, message: "41%"), "\(cutting.name)")
        }
    }

    @Test("each stream has lines of its own")
    func streams() {
        var reader = OutputReader()
        func read(_ text: String, _ source: OutputReader.Source) -> Double? {
            Array(text.utf8).withUnsafeBytes { reader.read($0, from: source) }?.percent
        }
        #expect(read("1", .output) == nil)
        #expect(read("2%\n", .error) == 2)
        #expect(read("5%\n", .output) == 15)
    }

    @Test("data is skipped: lines that are too long or hold a NUL")
    func data() {
        #expect(readings(String(repeating: "x", count: 1025) + " 50%\n7%\n") == [Reading(percent: 7, message: "7%")])
        #expect(readings("\u{0} 50%\n\u{1}\u{2} 3/4\n") == [])
    }

    @Test("of a flood only the end is read, and a line cut at its beginning is ignored")
    func flood() {
        var reader = OutputReader()
        let line = Array("12/100\n".utf8)
        let bytes = Array(repeating: line, count: 10_000).flatMap { $0 } + Array("13/100\n".utf8)
        #expect(bytes.withUnsafeBytes { reader.read($0, from: .output) }?.percent == 13)
        let cut = Array(repeating: UInt8(ascii: "9"), count: ReadingLimits.floodBytes - 3) + Array("9%\n".utf8)
        let start = Array(repeating: UInt8(ascii: "x"), count: ReadingLimits.chunkBytes)
        #expect((start + cut).withUnsafeBytes { reader.read($0, from: .output) } == nil)
    }

    @Test("random bytes are read without a complaint")
    func random() {
        let seed = UInt64.random(in: 0...999_999)
        var random = SplitMix(state: seed)
        var reader = OutputReader()
        for _ in 0..<300 {
            let alphabet = Array("0123456789%/ .,:=[]()\n\r\u{1B}xtime-".utf8) + [0, 0xFF, 0xC3]
            let bytes = (0..<200).map { _ in alphabet.randomElement(using: &random)! }
            let reading = bytes.withUnsafeBytes { reader.read($0, from: .output) }
            if let percent = reading?.percent { #expect((0...100).contains(percent), "seed \(seed)") }
        }
    }

    @Test("random output with a moving cursor gives the same last reading however it arrives")
    func randomCursor() {
        let seed = UInt64.random(in: 0...999_999)
        var random = SplitMix(state: seed)
        let words = [
            "\u{1B}[A", "\u{1B}[2A", "\u{1B}[B", "\u{1B}[3;1H", "\u{1B}7", "\u{1B}", "[", "\n", "\r", "\u{8}", "A",
            "1%", "22%", "3/4 ", "x",
        ]
        for _ in 0..<200 {
            let text = (0..<60).map { _ in words.randomElement(using: &random)! }.joined()
            var whole = OutputReader()
            let last = Array(text.utf8).withUnsafeBytes { whole.read($0, from: .output) }
            #expect(last == readings(text).last, "seed \(seed): \(text.debugDescription)")
        }
    }

    @Test("a last line without an end is read when the stream ends", arguments: [OutputReader.Source.output, .error])
    func unended(_ source: OutputReader.Source) {
        var reader = OutputReader()
        #expect(reader.finish() == nil)
        #expect(Array("10%\n20%".utf8).withUnsafeBytes { reader.read($0, from: source) }?.percent == 10)
        #expect(reader.finish()?.percent == 20)
        reader.miss(from: source)
        #expect(reader.finish() == nil)
        #expect(Array("5%\n6%\n".utf8).withUnsafeBytes { reader.read($0, from: source) }?.percent == 6)
        #expect(Array("5%".utf8).withUnsafeBytes { reader.read($0, from: source) } == nil)
        reader.miss(from: source)
        #expect(Array("0%\n".utf8).withUnsafeBytes { reader.read($0, from: source) } == nil)
    }

    @Test("the last meaningful line of standard error")
    func lastError() {
        var reader = OutputReader()
        func write(_ text: String) { _ = Array(text.utf8).withUnsafeBytes { reader.read($0, from: .error) } }
        #expect(reader.lastError == "")
        write("first\n\u{1B}[31mno such file: \u{1B}[0ma\tb\n   \n")
        #expect(reader.lastError == "no such file: a b")
        write("not ended")
        #expect(reader.lastError == "not ended")
    }

    @Test(
        "everything that moves the cursor ends a line",
        arguments: [
            "1%\r2%\r", "1%\u{1B}[1G2%\u{1B}[0G", "\u{1B}[24;0f1%\u{1B}[24;0f2%\u{1B}8", "1%\u{1B}[1000D2%\u{1B}[H",
            "\u{1B}7\u{1B}[s1%\u{1B}[u2%\u{1B}[u", "\u{1B}[2K1%\u{1B}[1E2%\u{1B}[3B", "1%\u{8}\u{8}2%\u{8}",
        ])
    func cursor(_ text: String) { #expect(readings(text).compactMap(\.percent) == [1, 2], "\(text.debugDescription)") }

    @Test("sequences that move nothing end no line, whatever is in them")
    func noCursor() {
        #expect(readings("4\u{1B}[0m5\u{1B}[?25l%\u{1B}[K\n").map(\.percent) == [45])
        #expect(readings("\u{1B}]0;99%\u{7}\u{1B}P88%\u{1B}\\\u{1B}_77%\u{1B}\\45%\u{7}\n").map(\.percent) == [45])
        #expect(readings("\u{1B}[99999999999999999999A45%\n").map(\.percent) == [45])
        // As tput sgr0 writes it: a set of characters, then the colours.
        #expect(readings("\u{1B}[1m4\u{1B}(B\u{1B}[m5%\u{1B}(B\u{1B}[m\n").map(\.message) == ["45%"])
    }

    @Test("a program that no longer redraws several lines is read as any other")
    func noLongerSeveral() {
        let nested = "50%\n10%\u{1B}[A\n20%\u{1B}[A"
        #expect(readings(nested).map(\.percent) == [50])
        let lines = (1...80).map { "line \($0)\n" }.joined()
        #expect(readings(nested + lines + "7%\n").map(\.percent) == [50, 7])
        #expect(readings("50%\n10%\u{1B}[A\n\n\n7%\r8%\r").map(\.percent) == [50])
        var reader = OutputReader()
        _ = Array("50%\n10%\u{1B}[A\n\n\n7%\r".utf8).withUnsafeBytes { reader.read($0, from: .output) }
        #expect(reader.finish()?.percent == 7)
    }

    @Test("a message has no bar in it")
    func bars() {
        #expect(readings("All ━━━━╺━━  10% 0:00:02\n").first?.message == "All 10% 0:00:02")
        #expect(readings("epoch:  33%|███▎  | 1/3\n").first?.message == "epoch: 33%| | 1/3")
        #expect(readings("[==>  ] 5% – 動画\n").first?.message == "[==> ] 5% – 動画")
    }

    @Test("the last line is text for people, of either stream, and never data")
    func lastLine() {
        var reader = OutputReader()
        func write(_ text: String, _ source: OutputReader.Source) {
            _ = Array(text.utf8).withUnsafeBytes { reader.read($0, from: source) }
        }
        #expect(reader.lastLine == "")
        write("one\n---\n\u{1B}[1m\n", .output)
        #expect(reader.lastLine == "one")
        write("\u{1B}[31mtwo\u{202E}\t2\u{1B}[0m\r\n\u{0}binary\n", .error)
        #expect(reader.lastLine == "two 2")
        write("half", .output)
        #expect(reader.lastLine == "two 2")
        write(" a line\n", .output)
        #expect(reader.lastLine == "half a line")
        write("45%\n", .error)
        #expect(reader.lastLine == "")
        write("46%\nlinking\n", .error)
        #expect(reader.lastLine == "linking")
    }

    @Test("behind ffmpeg and rsync other programs are read, and what these say of other things is not")
    func others() {
        let film = "ffmpeg version 5\n  Duration: 00:00:10.00, start\nframe=1 time=00:00:05.00 speed=1x\n"
        let numbers = "[libx264 @ 0x5] I: 12.5%\n  title : 3/4\nvideo:1kB muxing overhead: 1.5%\nx265 [info]: 7.5%\n"
        #expect(readings(film + numbers, from: .error).map(\.percent) == [50])
        #expect(readings(film + numbers + "[3/4] next\n", from: .error).map(\.percent) == [50, 75])
        let files = "  1,234 100%    1.00MB/s    0:00:00 (xfr#1, to-chk=1/2)\n"
        #expect(readings(files + "1/2\n").count == 1)
        let end = String(repeating: "sent\n", count: 20)
        #expect(readings(files + end + "[3/4] next\n").map(\.percent) == [100, 75])
    }
}
