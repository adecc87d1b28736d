import Access
import Dialects
import EventLoop
import Events
import JSON
import Settings
import Telemetry
import WebSocket

/// Messages from the client.
extension Session {
    private var limits: NodeLimits { viewers.limits }

    /// Does what a message asks for, or answers with what is wrong with it.
    func receive(_ message: [UInt8]) {
        let object: JSONObject
        do {
            object = try services.parser.object(message)
        } catch {
            return fault(error.code == .notAnObject ? .invalidMessage : .invalidJSON, error.message)
        }
        receive(object)
    }

    /// The same; `acknowledgement` is the number by which a Socket.IO client takes the answer.
    func receive(_ message: JSONObject, acknowledgement: UInt64? = nil) {
        func answered(_ request: RequestID?) -> RequestID? {
            acknowledgement.map { RequestID(request, acknowledgement: $0) } ?? request
        }
        do {
            var command = try dialect.dialect.decode(message, parser: services.parser)
            command.request = answered(command.request)
            handle(command)
        } catch {
            say(.fault(error.fault, request: answered(error.request)))
        }
    }

    /// Counts one message. A client that keeps exceeding the rate is closed.
    func isWithinRate() -> Bool {
        let (rate, burst) = (limits.messagesPerSecond, limits.messageBurst)
        if bucket.take(perSecond: rate, burst: burst, now: viewers.loop.now) { return true }
        if closing.isOpen { refused(.rate, "more than \(rate) messages a second") }
        fault(.rateLimited, "more than \(rate) messages a second")
        close(.policyViolation, reason: "too many messages")
        return false
    }
}
