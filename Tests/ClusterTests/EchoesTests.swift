import RESP
import Testing

@testable import Cluster

@Suite("Messages that come over two connections to one server")
struct EchoesTests {
    private let server = Address.tcp(host: "m", port: 1)
    private let slot = HashSlot.of("task:x")

    private func hear(
        _ echoes: inout Echoes, _ payload: String, on channel: String = "task:x", of server: Address? = nil,
        over connection: Int, at now: UInt64 = 0
    ) -> Bool {
        Array(payload.utf8).withUnsafeBytes { payload in
            Array(channel.utf8).withUnsafeBytes {
                echoes.hear(payload, on: $0, of: server ?? self.server, over: connection, at: now)
            }
        }
    }

    private var open: Echoes {
        var echoes = Echoes()
        echoes.begin(slot)
        return echoes
    }

    @Test("are passed on once, whichever connection is first; as often as they were published")
    func copies() {
        var echoes = open
        #expect(!hear(&echoes, "a", over: 1) && !hear(&echoes, "a", over: 1) && !hear(&echoes, "b", over: 0))
        #expect(hear(&echoes, "a", over: 0) && hear(&echoes, "a", over: 0) && !hear(&echoes, "a", over: 0))
        #expect(hear(&echoes, "a", over: 1) && hear(&echoes, "b", over: 1))
        // A cover that another one replaces: three connections.
        #expect(hear(&echoes, "b", over: 2) && !hear(&echoes, "b", over: 2))
    }

    @Test("are known by their numbers, where they have any: these are not remembered")
    func numbered() {
        var echoes = open
        for connection in [0, 1] { #expect(!hear(&echoes, "\u{1}ft1:e:1:0\n{}", over: connection)) }
    }

    @Test(
        "are none of what a connection brings that did not hear the channel yet when the first came",
        arguments: [(0, true), (1_249, true), (1_250, true), (1_251, false), (2_999, false)] as [(UInt64, Bool)])
    func beginnings(time: UInt64, isCopy: Bool) {
        var echoes = open
        func subscribe(_ channel: String, of server: Address, over connection: Int) {
            Array(channel.utf8).withUnsafeBytes {
                echoes.didSubscribe(to: $0, of: server, over: connection, at: time)
            }
        }
        #expect(!hear(&echoes, "a", over: 1, at: 1_000) && !hear(&echoes, "b", over: 1, at: 1_000))
        subscribe("task:x", of: server, over: 0)
        #expect(hear(&echoes, "a", over: 0, at: 3_000) == isCopy)
        // Neither another channel nor another connection began to be heard then.
        subscribe("task:{task:x}", of: server, over: 2)
        subscribe("task:x", of: .tcp(host: "m", port: 2), over: 2)
        #expect(hear(&echoes, "b", over: 2, at: 3_000))
        echoes.forget(at: 3_001)
        #expect(!hear(&echoes, "c", over: 1, at: 3_001) && hear(&echoes, "c", over: 0, at: 3_001))
    }

    @Test("are of one channel and one server")
    func apart() {
        var echoes = open
        #expect(!hear(&echoes, "a", over: 0))
        #expect(!hear(&echoes, "a", on: "task:{task:x}", over: 1))
        #expect(!hear(&echoes, "a", of: .tcp(host: "m", port: 2), over: 1))
        #expect(!hear(&echoes, "ask:xa", on: "t", over: 1) && !hear(&echoes, "", over: 1) && hear(&echoes, "", over: 0))
    }

    @Test("are looked for only while a slot has two connections, and a little longer, and not for ever")
    func times() {
        var echoes = Echoes()
        #expect(echoes.isIdle && !hear(&echoes, "a", over: 0) && !hear(&echoes, "a", over: 1))
        echoes.end(slot, at: 0)
        #expect(echoes.isIdle)
        echoes.begin(slot)
        #expect(!hear(&echoes, "a", over: 0, at: 5) && hear(&echoes, "a", over: 1, at: 5 + Echoes.keptMilliseconds))
        #expect(!hear(&echoes, "b", over: 0, at: 5) && !hear(&echoes, "b", over: 1, at: 6 + Echoes.keptMilliseconds))
        echoes.end(slot, at: 10_000)
        #expect(
            !hear(&echoes, "c", over: 0, at: 10_000)
                && hear(&echoes, "c", over: 1, at: 10_000 + Echoes.keptMilliseconds))
        #expect(!hear(&echoes, "d", over: 0, at: 12_001) && !hear(&echoes, "d", over: 1, at: 12_001))
        echoes.forget(at: 12_000)
        #expect(!echoes.isIdle)
        echoes.forget(at: 12_001)
        #expect(echoes.isIdle)
    }

    @Test("are few: of more, the oldest are passed on twice")
    func bound() {
        var echoes = open
        for number in 0...Echoes.most { #expect(!hear(&echoes, "\(number)", over: 0)) }
        #expect(!hear(&echoes, "0", over: 1) && hear(&echoes, "\(Echoes.most)", over: 1))
    }
}
