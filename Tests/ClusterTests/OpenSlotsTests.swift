import RESP
import Testing

@testable import Cluster

@Suite("Open slots")
struct OpenSlotsTests {
    private let a = Address.tcp(host: "127.0.0.1", port: 1)
    private let b = Address.tcp(host: "127.0.0.1", port: 2)
    private let slot = HashSlot(93)!

    @Test("are known by a redirection or by their master's own word, until that has them no more")
    func moves() {
        var open = OpenSlots()
        open.learn(slot, from: a, to: b)
        #expect(open.moves == [slot: OpenSlots.Move(source: a, target: b)])
        #expect(open.ended([slot: b], from: a) == [] && open.ended([:], from: b) == [])
        #expect(open.ended([:], from: a) == [slot])
        open.close(slot)
        open.learn([slot: b], from: a)
        #expect(open.moves.count == 1)
        open.close(slot)
        #expect(open.moves.isEmpty)
    }

    private func leaving(_ lines: String..., askedAt place: Address? = nil) -> [HashSlot: Address] {
        OpenSlots.leaving(in: lines.joined(separator: "\n") + "\n", askedAt: place ?? a)
    }

    private let other = "id-b 127.0.0.1:2@10002 master - 0 1 2 connected 100-200"

    @Test("stand in the own line of CLUSTER NODES")
    func lines() {
        let own = "id-a 127.0.0.1:1@10001 myself,master - 0 1 1 connected 0-99"
        #expect(leaving(own + " [93->-id-b] [94-<-id-b]", other) == [slot: b])
        #expect(leaving(other, own + " 300 [93->-id-b] [95->-id-b]") == [slot: b, HashSlot(95)!: b])
        #expect(leaving(own, other + " [93->-id-a]") == [:])
        #expect(leaving(own + " [93->-nobody]", other) == [:])
    }

    @Test("have the other master's name where the server that answers goes by its own")
    func names() {
        let own = "id-a 127.0.0.1:1@10001,one myself,master - 0 1 1 connected 0-99 [93->-id-b]"
        let named = "id-b 127.0.0.1:2@10002,two,shard-id=x master - 0 1 2 connected"
        #expect(leaving(own, named) == [slot: b])
        #expect(leaving(own, named, askedAt: .tcp(host: "one", port: 1)) == [slot: .tcp(host: "two", port: 2)])
        let bare = "id-b fd00::1:2@10002,,shard-id=x master - 0 1 2 connected"
        #expect(leaving(own, bare) == [slot: .tcp(host: "fd00::1", port: 2)])
    }

    @Test("are none in whatever else a server says")
    func nonsense() {
        for text in ["", "\n\n", "id-a", "id-a x myself", "id-a 127.0.0.1:1@1 myself,master"] {
            #expect(leaving(text) == [:])
        }
        let own = "id-a 127.0.0.1:1@1 myself,master - 0 1 1 connected"
        let numbers = ["", "-1", "16384", "99999999999999999999", "x", "9.3", "+ 93"]
        for move in ["[", "]", "[]", "[->-]", "[93->-]"] + numbers.map({ "[\($0)->-id-b]" }) {
            #expect(leaving("\(own) \(move)", other) == [:], "\(move)")
        }
        for address in ["", ":", "?:1@2", "h:0@1", "h:65536@1", "h:-1@1", "h", ":@"] {
            #expect(leaving("\(own) [93->-id-b]", "id-b \(address) master") == [:], "\(address)")
        }
    }
}

@Suite("The pause of channels that were turned away")
struct StrayPauseTests {
    @Test("doubles up to two seconds, and is short again after a while")
    func doubling() {
        var pause = StrayPause()
        let lengths = (0..<9).map { pause.begin(at: 1_000 + UInt64($0)) }
        #expect(lengths == [20, 40, 80, 160, 320, 640, 1_280, 2_000, 2_000])
        #expect(pause.begin(at: 5_008) == 2_000 && !pause.isOver(at: 9_008) && pause.isOver(at: 9_009))
        #expect(pause.begin(at: 9_009) == 20 && StrayPause().isOver(at: 0))
    }
}
