import Base
import Testing

@testable import Hub

@Suite("The frames of an outbox")
struct OutboxEntriesTests {
    private func entry(_ number: UInt32) -> OutboxEntries.Entry {
        OutboxEntries.Entry(frame: SharedBytes([UInt8(number % 256)]), key: Outbox.ConflationKey(number: number % 5))
    }

    @Test("are those of a plain array, whatever is added and removed")
    func model() {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SplitMix(state: seed)
        var entries = OutboxEntries()
        var model: [OutboxEntries.Entry] = []
        for number in UInt32(0)..<2_000 {
            switch UInt8.random(in: 0..<8, using: &random) {
            case 0..<5:
                entries.append(entry(number))
                model.append(entry(number))
            case 5:
                let count = Int.random(in: 0...model.count, using: &random)
                entries.removeFirst(count, keepsMemory: .random(using: &random))
                model.removeFirst(count)
            default:
                let key = Outbox.ConflationKey(number: UInt32.random(in: 0..<5, using: &random))
                let index = entries.lastIndex(of: key)
                #expect(index == model.lastIndex { $0.key == key }, "seed \(seed)")
                index.map { index in
                    entries.remove(at: index)
                    model.remove(at: index)
                }
            }
            #expect((0..<entries.count).map { entries[$0].frame.array } == model.map(\.frame.array), "seed \(seed)")
            #expect(entries.isEmpty == model.isEmpty && entries.bytes == model.count, "seed \(seed)")
            #expect(!entries.isEmpty || entries.others.capacity <= OutboxEntries.keptCapacity, "seed \(seed)")
        }
    }

    @Test("keep their memory for the next events, not for the next answer")
    func memory() {
        let limits = OutboxLimits()
        for isEvent in [true, false] {
            var outbox = Outbox()
            for _ in 0..<3 { _ = outbox.append(SharedBytes([1]), key: .never, isEvent: isEvent, limits: limits) }
            _ = outbox.advance(written: 3, offered: 3)
            #expect(outbox.isEmpty && (outbox.entries.others.capacity > 0) == isEvent)
        }
    }

    @Test("give the memory of a burst back, also where its last frame was written alone")
    func burst() {
        var entries = OutboxEntries()
        for number in UInt32(0)..<100 { entries.append(entry(number)) }
        entries.removeFirst(99, keepsMemory: true)
        entries.removeFirst(1, keepsMemory: true)
        #expect(entries.isEmpty && entries.others.capacity <= OutboxEntries.keptCapacity)
    }

    @Test("of which there is one take no memory of their own")
    func one() {
        var outbox = Outbox()
        _ = outbox.append(SharedBytes([1]), key: .never, limits: OutboxLimits())
        #expect(outbox.count == 1 && outbox.entries.others.capacity == 0)
    }
}
