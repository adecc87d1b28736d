import Progress
import Testing

@Suite("Reports of a run")
struct RunReportTests {
    private func decoded(_ packet: [UInt8]) -> RunReport? { packet.withUnsafeBytes { RunReport(packet: $0) } }

    @Test("a report is unchanged after its packet was read")
    func roundTrip() {
        let all = (0...255).map { UInt8($0) }
        let reports: [RunReport] = [
            .output(all, from: .output, lacks: false), .output(all, from: .output, lacks: true),
            .output([], from: .error, lacks: false), .output(all, from: .error, lacks: true),
            .ended(status: 0, milliseconds: 0), .ended(status: 0xFF00, milliseconds: .max),
            .ended(status: .min, milliseconds: 1 << 53), .ended(status: -1, milliseconds: 1),
            .notStarted(exitCode: 127, reason: "no-such: not found"), .notStarted(exitCode: .max, reason: ""),
        ]
        for report in reports {
            #expect(decoded(report.packet) == report)
            #expect(report.packet.count <= RunReport.maxBytes)
        }
    }

    @Test("bytes that are no report are refused")
    func others() {
        let ended = RunReport.ended(status: 1, milliseconds: 2).packet
        for packet in [[], [0], [7], [255, 1, 2], Array(ended.dropLast()), ended + [0], [6], [6, 1, 2, 3]] {
            #expect(decoded(packet) == nil, "\(packet)")
        }
    }

    @Test("a reason longer than a packet is cut")
    func longReason() {
        let long = String(repeating: "x", count: RunReport.maxBytes * 2)
        #expect(RunReport.notStarted(exitCode: 1, reason: long).packet.count <= RunReport.maxBytes)
    }
}

@Suite("Output for a slower reader")
struct NewestOutputTests {
    private func add(_ bytes: [UInt8], to newest: inout NewestOutput) { bytes.withUnsafeBytes { newest.add($0) } }

    @Test("all of it, up to a bound")
    func all() {
        var newest = NewestOutput()
        #expect(newest.isEmpty)
        for number in 0..<16 { add(Array(repeating: UInt8(number), count: 1024), to: &newest) }
        #expect(newest.waiting.bytes.count == ReadingLimits.chunkBytes && !newest.waiting.lacks)
        newest.take()
        #expect(newest.isEmpty && !newest.waiting.lacks)
    }

    @Test("above the bound only the end", arguments: [1, 100, 4096, 5000, 16_384, 16_385, 65_536])
    func end(_ size: Int) {
        var newest = NewestOutput()
        var written: [UInt8] = []
        for number in 0..<40 {
            let bytes = Array(repeating: UInt8(number), count: size)
            written += bytes
            add(bytes, to: &newest)
            let (waiting, lacks) = newest.waiting
            #expect(waiting.count <= ReadingLimits.chunkBytes)
            #expect(waiting.elementsEqual(written.suffix(waiting.count)))
            #expect(lacks == (waiting.count < written.count))
            if lacks { #expect(waiting.count >= ReadingLimits.floodBytes) }
        }
    }
}
