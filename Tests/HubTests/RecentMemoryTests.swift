import Events
import Dialects
import Testing

@testable import Hub

@Suite("The recent events of all channels")
struct RecentMemoryTests {
    private let memory = RecentMemory(maxBytes: 1_000)

    private func append(_ sequence: UInt64, bytes: Int, in share: RecentMemory.Share) {
        let payload = [UInt8](repeating: 0x20, count: bytes)
        payload.withUnsafeBytes { share.append(Position(epoch: "e1", sequence: sequence), $0, TaskKnowledge()) }
    }

    @Test("a closed channel returns its bytes, also those added later")
    func givenUp() {
        for _ in 0..<10 {
            var share: RecentMemory.Share? = memory.share()
            for sequence in 1...4 { append(UInt64(sequence), bytes: 200, in: share!) }
            #expect(memory.bytes == 800)
            share = nil
            #expect(memory.bytes == 0)
        }
    }

    @Test("a channel that would exceed the common bound drops its messages; the others keep theirs")
    func bound() {
        let (first, second) = (memory.share(), memory.share())
        append(1, bytes: 700, in: first)
        append(1, bytes: 250, in: second)
        append(2, bytes: 250, in: second)
        #expect(memory.bytes == 700)
        #expect(second.after(Position(epoch: "e1", sequence: 1)) == nil)
        #expect(first.after(Position(epoch: "e1", sequence: 0))?.count == 1)
        append(3, bytes: 300, in: second)
        #expect(memory.bytes == 1_000)
    }

    @Test("the sum is always that of the kept messages")
    func randomised() {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SplitMix(state: seed)
        var shares: [RecentMemory.Share] = []
        for _ in 0..<2_000 {
            switch random.next() % 4 {
            case 0: shares.append(memory.share())
            case 1: if !shares.isEmpty { shares.remove(at: Int(random.next() % UInt64(shares.count))) }
            default:
                guard let share = shares.randomElement(using: &random) else { continue }
                append(random.next() % 20, bytes: Int(random.next() % 300), in: share)
            }
            #expect((0...1_000).contains(memory.bytes), "seed \(seed)")
            if shares.isEmpty { #expect(memory.bytes == 0, "seed \(seed)") }
        }
        shares = []
        #expect(memory.bytes == 0, "seed \(seed)")
    }
}
