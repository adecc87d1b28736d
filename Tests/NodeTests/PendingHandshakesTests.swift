import Access
import Base
import Testing

@testable import Node

@Suite("PendingHandshakes")
struct PendingHandshakesTests {
    private func id(_ number: UInt64) -> ConnectionID { ConnectionID(rawValue: number) }

    private func block(_ address: String) throws -> ClientBlock {
        let address = try #require(SocketAddress(literal: address, port: 1))
        return try #require(ClientBlock(address))
    }

    @Test("the oldest is found, of all and of one client, until it is gone")
    func oldest() throws {
        let (one, two) = (try block("192.0.2.1"), try block("192.0.2.2"))
        var pending = PendingHandshakes()
        #expect(pending.oldest == nil && pending.oldest(of: one) == nil)
        pending.insert(id(1), of: nil)
        for (number, client) in [(257, one), (513, two), (769, one)] as [(UInt64, ClientBlock)] {
            pending.insert(id(number), of: client)
        }
        #expect(pending.count == 4)
        #expect(pending.oldest == id(1) && pending.oldest(of: one) == id(257) && pending.oldest(of: two) == id(513))
        #expect(pending.remove(id(257)) == one && pending.remove(id(257)) == nil && pending.remove(id(1)) == nil)
        #expect(pending.oldest == id(513) && pending.oldest(of: one) == id(769) && pending.count == 2)
    }
}
