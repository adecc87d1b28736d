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
}
