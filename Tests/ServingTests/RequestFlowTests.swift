import Testing

@testable import Serving

@Suite("RequestFlow")
struct RequestFlowTests {
    typealias State = RequestFlow.State

    /// Every state, and how a connection reaches it.
    private static let states: [State] = [
        .new, .idle, .body, .rest, .answering(hasRest: false), .answering(hasRest: true), .ended,
    ]

    private func flow(_ state: State) -> RequestFlow {
        var flow = RequestFlow()
        switch state {
        case .new: break
        case .idle: answer(&flow)
        case .body: flow.didReadHead()
        case .rest: answer(&flow, hasRest: true)
        case .answering(let hasRest): flow.willAnswer(hasRest: hasRest)
        case .ended: flow.end()
        }
        return flow
    }

    private func answer(_ flow: inout RequestFlow, hasRest: Bool = false) {
        flow.didReadHead()
        flow.willAnswer(hasRest: hasRest)
        _ = flow.didAnswer(keepsAlive: true, restIsShort: true)
    }

    @Test("reaches every state", arguments: states)
    func comes(_ state: State) { #expect(flow(state).state == state) }

    @Test("reads unless it answers or has ended", arguments: states)
    func reads(_ state: State) {
        #expect(flow(state).isReading == [.new, .idle, .body, .rest].contains(state))
    }

    /// State, whether inside a request, and the cut.
    private static let cuts: [(State, Bool, RequestFlow.Cut)] = [
        (.new, false, .close), (.new, true, .refuse), (.idle, false, .close), (.idle, true, .refuse),
        (.body, false, .close), (.body, true, .refuse), (.rest, false, .close), (.rest, true, .close),
        (.answering(hasRest: false), false, .none), (.answering(hasRest: false), true, .none),
        (.answering(hasRest: true), false, .none), (.answering(hasRest: true), true, .none),
        (.ended, false, .none), (.ended, true, .none),
    ]

    @Test("is cut off, by time or by the node's drain, in every state", arguments: cuts)
    func cut(_ state: State, _ isInsideRequest: Bool, _ cut: RequestFlow.Cut) {
        var flow = flow(state)
        let found = flow.cut(isInsideRequest: isInsideRequest)
        #expect(found == cut)
        #expect(flow.state == (cut == .none ? state : .ended))
    }

    @Test("closes when the client has ended its side, except while it answers", arguments: states)
    func peer(_ state: State) {
        var flow = flow(state)
        let (isReading, closes) = (flow.isReading, flow.peerDidFinish())
        #expect(closes == isReading)
        #expect(flow.state == (closes ? .ended : state))
    }

    /// State, whether another request is wanted, whether the body's rest is short, the next step, and the new state.
    private static let answers: [(State, Bool, Bool, RequestFlow.Next?, State)] = [
        (.answering(hasRest: false), true, true, .read(.keepAlive), .idle),
        (.answering(hasRest: false), true, false, .read(.keepAlive), .idle),
        (.answering(hasRest: false), false, true, .close(.close), .ended),
        (.answering(hasRest: false), false, false, .close(.close), .ended),
        (.answering(hasRest: true), true, true, .read(.body), .rest),
        (.answering(hasRest: true), true, false, .close(.body), .ended),
        (.answering(hasRest: true), false, true, .close(.body), .ended),
        (.answering(hasRest: true), false, false, .close(.body), .ended),
    ]

    @Test("what follows an answer", arguments: answers)
    func answered(_ state: State, _ keepsAlive: Bool, _ isShort: Bool, _ next: RequestFlow.Next?, _ after: State) {
        var flow = flow(state)
        let found = flow.didAnswer(keepsAlive: keepsAlive, restIsShort: isShort)
        #expect(found == next && flow.state == after)
        var finished = self.flow(state)
        _ = finished.peerDidFinish()
        let last = finished.didAnswer(keepsAlive: true, restIsShort: true)
        #expect(last?.isLast == true)
    }

    @Test("an answer to nothing changes nothing", arguments: [State.new, .idle, .body, .rest, .ended])
    func stray(_ state: State) {
        var flow = flow(state)
        let next = flow.didAnswer(keepsAlive: true, restIsShort: true)
        #expect(next == nil && flow.state == state)
    }

    @Test("after a skipped rest the next request may follow")
    func pipelined() {
        var flow = flow(.rest)
        flow.didPassRest()
        #expect(flow.state == .idle)
        flow.didReadHead()
        #expect(flow.state == .body)
    }

    @Test("nothing restarts it once it has ended", arguments: states)
    func ended(_ state: State) {
        var flow = flow(state)
        flow.end()
        let (cut, next) = (flow.cut(isInsideRequest: true), flow.didAnswer(keepsAlive: true, restIsShort: true))
        #expect(cut == .none && next == nil && flow.state == .ended)
    }
}
