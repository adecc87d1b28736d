package import Settings
package import Telemetry
import Access
package import EventLoop

/// Counts refusals and answers to clients, and writes the log lines by which an operator finds a client.
package final class ClientLog {
    /// A client in log lines.
    package struct Client {
        let connection: ConnectionID
        let peer: String
        package var isWebSocket = false
        /// The user of its WebSocket; empty where it has none.
        package var user = ""
        /// The client's name for itself; empty where it has none.
        package var name = ""
    }

    package let log: Log
    private let loop: EventLoop
    private let limits: NodeLimits
    private let tally: Tally<ServingCounters>
    /// Lines about refused clients that may still be written.
    private var lines: TokenBucket

    package init(loop: EventLoop, limits: NodeLimits, tally: Tally<ServingCounters>, log: Log) {
        self.loop = loop
        self.limits = limits
        self.tally = tally
        self.log = log
        lines = TokenBucket(burst: limits.refusalLineBurst, now: loop.now)
    }

    /// Counts and logs a refusal.
    package func refused(
        _ reason: RefusalReason, _ client: @autoclosure () -> Client, _ message: @autoclosure () -> String
    ) {
        tally.counters.refused[reason, default: 0] += 1
        guard mayWriteLine() else { return }
        let client = client()
        log.info(
            client.isWebSocket ? "refused a WebSocket" : "refused a client",
            [
                "connection": "\(client.connection)", "peer": .text(client.peer), "user": .text(client.user),
                "client": .text(client.name), "reason": .text(reason.rawValue), "message": .text(message()),
            ])
    }

    /// A client that is refused again and again must not fill the disk, nor keep the loop busy writing. So the loop
    /// bounds the lines, and counts the ones that it leaves out.
    private func mayWriteLine() -> Bool {
        guard log.writes(.info) else { return false }
        let may = lines.take(perSecond: limits.refusalLinesPerSecond, burst: limits.refusalLineBurst, now: loop.now)
        if !may { tally.counters.linesSuppressed += 1 }
        return may
    }

    /// Counts an answer. An answer that denies the client something is a refusal. `request` is its method and path,
    /// never its query, which may hold a token.
    package func answered(_ status: Int, _ client: @autoclosure () -> Client, _ request: @autoclosure () -> String) {
        tally.counters.responses[status, default: 0] += 1
        guard let reason = RefusalReason(answer: status) else {
            return log.debug(
                "answered a request",
                [
                    "connection": "\(client().connection)",
                    "request": .text(String(request().prefix(Self.maxRequestText))), "status": .number(status),
                ])
        }
        refused(reason, client(), "\(request().prefix(Self.maxRequestText)) was answered \(status)")
    }

    /// Characters of a request in a log line.
    private static let maxRequestText = 160
}
