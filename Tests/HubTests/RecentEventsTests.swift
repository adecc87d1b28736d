import Events
import Dialects
import Testing

@testable import Hub

@Suite("Recent events")
struct RecentEventsTests {
    private func kept(_ sequences: ClosedRange<UInt64>, epoch: String = "e1") -> RecentEvents {
        var recent = RecentEvents()
        for sequence in sequences { append(sequence, epoch, in: &recent) }
        return recent
    }

    private func append(_ sequence: UInt64, _ epoch: String = "e1", in recent: inout RecentEvents, bytes: Int = 0) {
        let payload = Array("\(sequence)".utf8) + Array(repeating: 0x20, count: bytes)
        payload.withUnsafeBytes { recent.append(Position(epoch: epoch, sequence: sequence), $0, TaskKnowledge()) }
    }

    private func after(_ sequence: UInt64, _ epoch: String = "e1", in recent: RecentEvents) -> [String]? {
        recent.after(Position(epoch: epoch, sequence: sequence))?.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    @Test(
        "what came after a number: all, some, nothing, or not known here",
        arguments: [
            (2, nil), (3, ["4", "5", "6"]), (4, ["5", "6"]), (6, []), (7, nil), (0, nil), (1 << 31, nil),
            (1 << 53, nil),
            (1 << 63 - 1, nil), (1 << 63, nil), (.max - 1, nil), (.max, nil),
        ] as [(UInt64, [String]?)])
    func afterNumber(_ sequence: UInt64, _ expected: [String]?) {
        #expect(after(sequence, in: kept(4...6)) == expected)
    }

    @Test("a number of another epoch, or of a channel without messages, is unknown", arguments: [0, 1, 3, .max])
    func elsewhere(_ sequence: UInt64) {
        #expect(after(sequence, "e2", in: kept(4...6)) == nil)
        #expect(after(sequence, in: RecentEvents()) == nil)
    }

    @Test("starts anew with a number that does not follow", arguments: [0, 5, 6, 8, 1 << 63, .max])
    func gap(_ sequence: UInt64) {
        var recent = kept(4...6)
        append(sequence, in: &recent)
        #expect(after(sequence &- 1, in: recent) == ["\(sequence)"])
        #expect(after(3, in: recent) == (sequence == 4 ? ["4"] : nil))
    }

    @Test("the last possible numbers, and forged ones after them")
    func lastNumbers() {
        var recent = kept((.max - 1)...(.max))
        #expect(after(.max - 2, in: recent) == ["\(UInt64.max - 1)", "\(UInt64.max)"])
        #expect(after(.max, in: recent) == [])
        #expect(after(0, in: recent) == nil)
        for sequence in [.max, 0, 1, .max] as [UInt64] {
            append(sequence, in: &recent, bytes: RecentEvents.maxBytes / 2)
            #expect(recent.bytes <= RecentEvents.maxBytes)
        }
    }

    @Test("keeps the newest, within its number and its bytes")
    func bounds() {
        var recent = kept(1...100)
        #expect(after(100 - UInt64(RecentEvents.maxCount), in: recent)?.count == RecentEvents.maxCount)
        #expect(after(99 - UInt64(RecentEvents.maxCount), in: recent) == nil)
        append(101, in: &recent, bytes: RecentEvents.maxBytes - 10)
        #expect(after(100, in: recent)?.count == 1)
        #expect(recent.bytes <= RecentEvents.maxBytes)
    }
}
