import RESP
import Testing

@testable import Cluster

@Suite("The master that stands in for another")
struct StandInTests {
    private let servers = (1...3).map { Address.tcp(host: "10.0.0.\($0)", port: 1) }

    @Test("is the same for a slot in whatever order they come, and another for other slots")
    func stable() {
        for number in 0..<6 {
            for _ in 0..<20 { #expect(slot(number).standIn(among: servers.shuffled()) == servers[number % 3]) }
        }
        #expect(slot(5).standIn(among: [servers[0]]) == servers[0] && slot(5).standIn(among: []) == nil)
    }
}
