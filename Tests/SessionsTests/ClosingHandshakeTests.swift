import Telemetry
import Testing
import WebSocket

@testable import Sessions

@Suite("The closing of a WebSocket")
struct ClosingHandshakeTests {
    typealias Step = ClosingHandshake.Step

    private static let all: [ClosingHandshake] = [.open, .closedByNode, .closedByClient, .gone]
    private static let closed: [ClosingHandshake] = [.closedByNode, .closedByClient, .gone]

    @Test("only an open one takes and sends messages", arguments: all)
    func open(_ state: ClosingHandshake) { #expect(state.isOpen == (state == .open)) }

    // MARK: The node closes

    @Test("the node gives the reason, leaves, sends its close, and waits for the client's")
    func closes() {
        var state = ClosingHandshake.open
        let steps = state.close(.policyViolation, reason: "why")
        #expect(
            steps == [
                .sayGoodbye(.policyViolation, "why"), .count(.byNode(.policyViolation)), .leave,
                .sendClose(.policyViolation, "why"), .awaitClose(isSlow: false),
            ])
        #expect(state == .closedByNode)
    }

    @Test("a client that asked for the close gets no reason")
    func normal() {
        var state = ClosingHandshake.open
        let steps = state.close(.normal, reason: "")
        #expect(steps == [.count(.byNode(.normal)), .leave, .sendClose(.normal, ""), .awaitClose(isSlow: false)])
    }

    @Test("a client that reads too slowly gets more time to read the reason")
    func slow() {
        var state = ClosingHandshake.open
        let steps = state.close(.tryAgainLater, reason: "slow")
        #expect(steps.last == .awaitClose(isSlow: true))
    }

    @Test("the node closes once", arguments: closed)
    func once(_ state: ClosingHandshake) {
        var state = state
        let before = state
        let steps = state.close(.serviceRestart, reason: "restart")
        #expect(steps.isEmpty && state == before)
    }

    // MARK: The client closes

    @Test(
        "the client's close is answered, and the server closes the socket", arguments: [CloseCode.normal, .goingAway])
    func answers(_ code: CloseCode) {
        var state = ClosingHandshake.open
        let steps = state.receiveClose(code)
        #expect(steps == [.count(.byClient(code)), .answerClose(code), .leave, .closeWhenDrained])
        #expect(state == .closedByClient)
    }

    @Test("a close without a code is answered, and counted as such")
    func noCode() {
        var state = ClosingHandshake.open
        let steps = state.receiveClose(nil)
        #expect(steps == [.count(.byClient(.noStatus)), .answerClose(nil), .leave, .closeWhenDrained])
    }

    @Test("a close that answers the node's, or comes again, is not answered", arguments: closed)
    func answered(_ state: ClosingHandshake) {
        var state = state
        let before = state
        let steps = state.receiveClose(.normal)
        #expect(steps == [.closeWhenDrained] && state == before)
    }

    // MARK: Nobody closes

    @Test("a silent client's socket is closed; only an open one is counted as given up", arguments: all)
    func silent(_ state: ClosingHandshake) {
        var state = state
        let isOpen = state.isOpen
        let steps = state.giveUp()
        #expect(steps == (isOpen ? [.count(.byNode(.abnormal)), .closeNow] : [.closeNow]))
        #expect(state == .gone)
    }

    @Test(
        "a socket that ends without a close is counted as the client's doing, any other was counted before",
        arguments: all)
    func ends(_ state: ClosingHandshake) {
        var state = state
        let isOpen = state.isOpen
        let steps = state.end()
        #expect(steps == (isOpen ? [.count(.byClient(.abnormal)), .leave] : [.leave]))
        #expect(state == .gone)
    }

    @Test("however it ends, it is counted exactly once")
    func exactlyOnce() {
        let events: [(inout ClosingHandshake) -> [Step]] = [
            { $0.close(.policyViolation, reason: "") }, { $0.receiveClose(.normal) }, { $0.giveUp() }, { $0.end() },
        ]
        for first in events {
            for second in events {
                var state = ClosingHandshake.open
                let steps = first(&state) + second(&state) + state.end()
                let counted = steps.count { if case .count = $0 { true } else { false } }
                #expect(counted == 1)
                #expect(steps.last == .leave)
            }
        }
    }
}
