import Dialects
import Testing

@testable import Hub

@Suite("ChannelSync")
struct ChannelSyncTests {
    private func at(_ sequence: UInt64, _ epoch: String = "e1") -> Position {
        Position(epoch: epoch, sequence: sequence)
    }

    private func receive(_ sync: inout ChannelSync, _ position: Position?, _ text: String = "x") -> ChannelSync.Verdict
    {
        Array(text.utf8).withUnsafeBytes { sync.receive(position, payload: $0) }
    }

    /// A channel that has been subscribed and read, and stands at `top`.
    private func live(at top: Position?) -> ChannelSync {
        var sync = ChannelSync()
        sync.didSubscribe()
        _ = sync.didRead(top: top)
        return sync
    }

    @Test("messages before the read wait and come out in order; what the read knew is dropped")
    func waitsForRead() {
        var sync = ChannelSync()
        #expect(receive(&sync, at(4)) == .wait)
        sync.didSubscribe()
        #expect(receive(&sync, at(5)) == .wait)
        #expect(receive(&sync, nil) == .wait)
        #expect(receive(&sync, at(6)) == .wait)
        let waiting = sync.didRead(top: at(5))
        let verdicts = waiting.map { sync.admit($0) }
        #expect(verdicts == [.drop, .drop, .deliver, .deliver])
        #expect(sync.position == at(6))
    }

    @Test("the next in order is delivered, a repetition is dropped, a plain event passes without moving")
    func liveStream() {
        var sync = live(at: at(5))
        #expect(receive(&sync, at(6)) == .deliver)
        #expect(receive(&sync, at(6)) == .drop)
        #expect(receive(&sync, nil) == .deliver)
        #expect(sync.position == at(6))
    }

    @Test("a first event ever is delivered, any other number on an unpublished channel is a gap")
    func unpublished() {
        var sync = live(at: nil)
        var late = sync
        #expect(receive(&sync, at(1)) == .deliver)
        #expect(receive(&late, at(2)) == .read)
    }

    @Test("a gap asks for a read, keeps what came, and delivers it after the read")
    func gap() {
        var sync = live(at: at(5))
        #expect(receive(&sync, at(7)) == .read)
        #expect(receive(&sync, at(8)) == .wait)
        let waiting = sync.didRead(top: at(7))
        let verdicts = waiting.map { sync.admit($0) }
        #expect(verdicts == [.drop, .deliver])
        #expect(sync.position == at(8))
    }

    @Test("another epoch asks for a read")
    func newEpoch() {
        var sync = live(at: at(5))
        #expect(receive(&sync, at(1, "e2")) == .read)
        let waiting = sync.didRead(top: at(1, "e2"))
        let verdicts = waiting.map { sync.admit($0) }
        #expect(verdicts == [.drop])
        #expect(sync.position == at(1, "e2"))
    }

    @Test("a forged number far ahead is dropped once Redis does not know it, and is read for only once")
    func forgery() {
        var sync = live(at: at(5))
        #expect(receive(&sync, at(999)) == .read)
        let waiting = sync.didRead(top: at(5))
        let verdicts = waiting.map { sync.admit($0) }
        #expect(verdicts == [.drop])
        #expect(sync.isLive)
        #expect(receive(&sync, at(6)) == .deliver)
    }

    @Test("a gap behind the read reads again")
    func gapAfterRead() {
        var sync = ChannelSync()
        sync.didSubscribe()
        _ = receive(&sync, at(9))
        let waiting = sync.didRead(top: at(7))
        let first = waiting.map { sync.admit($0) }
        #expect(first == [.read])
        #expect(sync.isReading)
        let again = sync.didRead(top: at(9))
        let second = again.map { sync.admit($0) }
        #expect(second == [.drop])
    }

    @Test("a lost connection forgets what waits: the next read covers it")
    func disconnect() {
        var sync = live(at: at(5))
        sync.didDisconnect()
        #expect(receive(&sync, at(6)) == .wait)
        sync.didDisconnect()
        sync.didSubscribe()
        #expect(sync.didRead(top: at(8)).isEmpty)
        #expect(sync.position == at(8))
    }

    @Test("more than the bound while reading: what was left out is read again")
    func overflow() {
        var sync = ChannelSync()
        sync.didSubscribe()
        let large = String(repeating: "x", count: 600_000)
        #expect(receive(&sync, at(1), large) == .wait)
        #expect(receive(&sync, at(2), large) == .wait)
        let waiting = sync.didRead(top: nil)
        #expect(waiting.count == 1)
        #expect(sync.isReading)
    }

    @Test("whatever the order of reads and losses, every number is delivered at most once and upwards")
    func randomised() {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SplitMix(state: seed)
        for _ in 0..<200 {
            var sync = ChannelSync()
            var published: UInt64 = 0
            var delivered: UInt64 = 0
            var readTop: UInt64?
            func note(_ verdict: ChannelSync.Verdict, _ number: UInt64) {
                guard verdict == .deliver else { return }
                #expect(number == delivered + 1, "seed \(seed)")
                delivered = number
            }
            for _ in 0..<200 {
                switch random.next() % 8 {
                case 0: if !sync.isLive, !sync.isReading { sync.didSubscribe() }
                case 1:
                    sync.didDisconnect()
                    readTop = nil
                case 2: if sync.isReading { readTop = published }
                case 3:
                    guard let top = readTop, sync.isReading else { continue }
                    readTop = nil
                    let waiting = sync.didRead(top: top == 0 ? nil : at(top))
                    delivered = max(delivered, top)
                    for message in waiting { note(sync.admit(message), message.position!.sequence) }
                case 4: published += 1  // lost on the way
                default:
                    published += 1
                    note(receive(&sync, at(published)), published)
                }
            }
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
