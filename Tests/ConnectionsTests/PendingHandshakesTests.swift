import Telemetry
import Access
import Base
import Testing

@testable import Connections

@Suite("PendingHandshakes")
struct PendingHandshakesTests {
    private let one: ClientBlock
    private let two: ClientBlock
    private var pending = PendingHandshakes()

    init() throws {
        one = try #require(ClientBlock(.ipv4(1, port: 1)))
        two = try #require(ClientBlock(.ipv4(2, port: 1)))
    }

    private func id(_ number: UInt64) -> ConnectionID { ConnectionID(rawValue: number) }

    /// A connection begins; returns the ones closed for it. A client may have three, all together five.
    private mutating func begin(_ number: UInt64, of client: ClientBlock?, held: Int = 1) -> [PendingHandshakes.Leaving]
    {
        let leaving = pending.insert(id(number), of: client, held: held, mostOfClient: 3, most: 5)
        for leaving in leaving { _ = pending.remove(leaving.connection) }
        return leaving
    }

    @Test("there is room up to the bounds")
    mutating func room() {
        for number in 1...5 as ClosedRange<UInt64> {
            let leaving = begin(number, of: number == 3 ? nil : one, held: 3)
            #expect(leaving.isEmpty)
        }
        #expect(pending.count == 5)
    }

    @Test("beyond a client's bound its oldest is closed, wherever it has the others")
    mutating func client() {
        _ = begin(1, of: two)
        _ = begin(257, of: one)
        _ = begin(513, of: one)
        let leaving = begin(769, of: one, held: 4)
        #expect(leaving == [.init(connection: id(257), reason: .addressHandshakes)])
        #expect(pending.count == 3)
    }

    @Test("a client whose others are on other loops keeps the one it has here")
    mutating func elsewhere() {
        let leaving = begin(1, of: one, held: 4)
        #expect(leaving.isEmpty && pending.count == 1)
    }

    @Test("beyond the loop's bound the oldest of all is closed, also one that counts for no client")
    mutating func all() {
        for number in 1...5 as ClosedRange<UInt64> { _ = begin(number, of: number == 1 ? nil : one) }
        let leaving = begin(6, of: two)
        #expect(leaving == [.init(connection: id(1), reason: .handshakes)])
        #expect(pending.count == 5)
    }

    @Test("where the client's oldest is closed, there is room")
    mutating func both() {
        for number in 1...5 as ClosedRange<UInt64> { _ = begin(number, of: one) }
        let leaving = begin(6, of: one, held: 6)
        #expect(leaving == [.init(connection: id(1), reason: .addressHandshakes)])
    }

    @Test("where none may be pending, the newcomer stays")
    mutating func newcomer() {
        let leaving = pending.insert(id(1), of: one, held: 1, mostOfClient: 0, most: 0)
        #expect(leaving.isEmpty)
    }

    @Test("a connection leaves once, and says for which client it counted")
    mutating func leaves() {
        _ = begin(1, of: one)
        _ = begin(2, of: nil)
        let left = [pending.remove(id(1)), pending.remove(id(1)), pending.remove(id(2)), pending.remove(id(3))]
        #expect(left == [one, nil, nil, nil] && pending.count == 0)
    }
}
