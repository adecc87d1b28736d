import Connections
import Dialects
import EventLoop
import Events
import Settings
import Telemetry
import WebSocket

/// How a WebSocket ends. ``ClosingHandshake`` decides the steps.
extension Session {
    /// Sends a close frame and nothing after it. The socket closes when the client has answered, or soon.
    func close(_ code: CloseCode, reason: String) {
        let steps = closing.close(code, reason: reason)
        guard !steps.isEmpty else { return }
        logClose(code, reason, by: "node")
        perform(steps)
    }

    /// The client broke the protocol or a bound: the node can read no more of its bytes, not even its close frame.
    func refuse(_ error: WebSocketError) {
        let isTooBig = error.closeCode == .messageTooBig
        if error.closeCode == .internalError {
            viewers.log.error("cannot read a WebSocket any more", ["reason": .text(error.message)])
        } else {
            refused(isTooBig ? .messageSize : .frame, error.message)
        }
        if isTooBig { fault(.messageTooLarge, error.message) }
        close(error.closeCode, reason: error.message)
        connection.closeWhenDrained()
    }

    /// The client's close frame arrived.
    func receiveClose(_ code: CloseCode?, reason: String) {
        if closing.isOpen { logClose(code ?? .noStatus, reason, by: "client") }
        perform(closing.receiveClose(code))
    }

    /// The client was silent for too long.
    func giveUp() {
        if closing.isOpen { logClose(.abnormal, "silent for too long", by: "node") }
        perform(closing.giveUp())
    }

    /// The connection has ended.
    func end() {
        if closing.isOpen { logClose(.abnormal, "", by: "client") }
        perform(closing.end())
        didEnd()
    }

    private func logClose(_ code: CloseCode, _ reason: String, by side: String) {
        log(
            "closed",
            [
                "connection": "\(connection.id)", "user": .text(user ?? ""), "by": .text(side),
                "code": .number(Int(code.rawValue)),
                "reason": .text(reason),
            ])
    }

    private func perform(_ steps: [ClosingHandshake.Step]) {
        for step in steps {
            switch step {
            case .sayGoodbye(let code, let reason):
                if isAuthenticated { write(.closing(code: code.rawValue, reason: reason)) }
            case .count(let end): viewers.tally.counters.closes[end, default: 0] += 1
            case .leave: leave()
            case .sendClose(let code, let reason): wire?.sayClose(code, reason: reason)
            case .answerClose(let code): wire?.answerClose(code)
            case .awaitClose(let isSlow): awaitClose(isSlow: isSlow)
            case .closeWhenDrained: connection.closeWhenDrained()
            case .closeNow: connection.close()
            }
        }
    }

    private func awaitClose(isSlow: Bool) {
        let limits = viewers.limits
        let patience = isSlow ? limits.slowCloseMilliseconds : limits.closeMilliseconds
        viewers.loop.schedule(after: patience) { [weak connection] in connection?.close() }
    }
}
