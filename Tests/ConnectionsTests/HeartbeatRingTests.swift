import Testing

@testable import Connections

private final class Member {
    var seat = HeartbeatRing<Member>.none
    var beats = 0
}

@Suite("HeartbeatRing")
struct HeartbeatRingTests {
    @Test("serves every member once an interval, spread over its ticks")
    func spread() {
        var ring = HeartbeatRing<Member>(ticks: 10, seat: \.seat)
        let members = (0..<1000).map { _ in Member() }
        for member in members { ring.insert(member) }
        for _ in 0..<10 {
            let served = ring.advance()
            #expect(served.count == 100)
            for member in served { member.beats += 1 }
        }
        #expect(members.allSatisfy { $0.beats == 1 })
    }

    @Test("a removed member is served no more, and the others still are")
    func removal() {
        var ring = HeartbeatRing<Member>(ticks: 3, seat: \.seat)
        let members = (0..<100).map { _ in Member() }
        for member in members { ring.insert(member) }
        for member in members.enumerated() where member.offset % 3 == 0 { ring.remove(member.element) }
        ring.remove(members[0])
        for _ in 0..<3 { for member in ring.advance() { member.beats += 1 } }
        for (place, member) in members.enumerated() { #expect(member.beats == (place % 3 == 0 ? 0 : 1)) }
        #expect(!members[0].seat.isTaken && members[1].seat.isTaken)
    }
}
