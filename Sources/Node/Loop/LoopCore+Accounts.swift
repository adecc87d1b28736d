import Access
import Base
import EventLoop
import RESP
import Redis

extension LoopCore {
    /// Counts a refusal, and writes the line by which an operator finds the client.
    func refused(_ reason: RefusalReason, _ connection: Connection, _ message: String) {
        counters.refused[reason, default: 0] += 1
        guard mayWriteRefusal() else { return }
        let session = connection.webSocket?.session
        log.info(
            session == nil ? "refused a client" : "refused a WebSocket",
            [
                "connection": "\(connection.id)", "peer": .text(connection.peer), "user": .text(session?.user ?? ""),
                "client": .text(session?.clientID ?? ""), "reason": .text(reason.rawValue), "message": .text(message),
            ])
    }

    /// The same for one that was not even taken.
    func refused(_ reason: RefusalReason, id: ConnectionID, peer: SocketAddress?, _ message: String) {
        counters.refused[reason, default: 0] += 1
        guard mayWriteRefusal() else { return }
        log.info(
            "refused a client",
            [
                "connection": "\(id)", "peer": .text(peer?.description ?? ""), "reason": .text(reason.rawValue),
                "message": .text(message),
            ])
    }

    /// Whoever is refused again and again must not fill the disk, nor keep the loop busy writing: the rest is only counted.
    private func mayWriteRefusal() -> Bool {
        guard log.writes(.info) else { return false }
        let may = refusalLines.take(
            perSecond: limits.refusalLinesPerSecond, burst: limits.refusalLineBurst, now: loop.now)
        if !may { counters.linesSuppressed += 1 }
        return may
    }

    /// Counts an answer; one that keeps something from the client is a refusal. `request`: its method and path, never its
    /// query, where tokens stand.
    func didAnswer(_ status: Int, _ connection: Connection, _ request: String) {
        counters.responses[status, default: 0] += 1
        guard let reason = RefusalReason(answer: status) else {
            return log.debug(
                "answered a request",
                [
                    "connection": "\(connection.id)", "request": .text(String(request.prefix(Self.maxRequestText))),
                    "status": .number(status),
                ])
        }
        refused(reason, connection, "\(request.prefix(Self.maxRequestText)) was answered \(status)")
    }

    /// Characters of a request that are written into a line.
    private static let maxRequestText = 160

    /// Writes down and passes on what happens to a connection to Redis.
    func note(_ event: RedisEvent, _ role: RedisRole) {
        RedisLogging.log(event, role, loop: index, to: log)
        note(event, role == .commands ? \.commands : \.pubsub)
        guard role == .commands else { return }
        switch event {
        case .connected: redisIsReady()
        case .lost(let failure), .failed(let failure), .refused(let failure): standing.receive(.gone(failure))
        case .declined: standing.receive(.doubt)
        case .retrying: break
        }
    }

    /// Counts what a connection to Redis reports.
    private func note(_ event: RedisEvent, _ which: WritableKeyPath<RedisCounters.Pair, UInt64>) {
        switch event {
        case .connected:
            counters.redisConnects[keyPath: which] += 1
            refusalsByRedis[keyPath: which] = 0
        case .lost: counters.redisLosses[keyPath: which] += 1
        case .failed: refusalsByRedis[keyPath: which] = 0
        // It is let in, and may not do all it needs.
        case .refused(.refused(let error)) where error.lacksRight && which == \.commands:
            refusalsByRedis[keyPath: which] = 0
        case .refused: refusalsByRedis[keyPath: which] = 1
        case .declined, .retrying: break
        }
    }

    /// Whether Redis does not let this loop in.
    var isRefusedByRedis: Bool { refusalsByRedis.commands + refusalsByRedis.pubsub > 0 }
}
