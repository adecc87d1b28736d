import Access
import Base
import Events
import Dialects
import EventLoop
import HTTP
import Hub
import Token

/// One task's events as server-sent events, for viewers without WebSockets: `curl -N` shows a task live.
///
/// A member of its channel like any other, with the same limits; the head goes out once it is known that it may watch, and
/// does not wait for Redis longer than it must for that.
final class EventStreamConversation: ChannelConversation {
    /// Milliseconds between two comments.
    static let commentMilliseconds: UInt64 = 15_000

    private unowned let connection: Connection
    private let caller: Caller
    private let channel: ChannelName
    private let headers: Headers
    /// What was asked for, as logs have it.
    private var request: String { "GET the events of \(channel.text)" }
    private var isOpen = false
    private var isClosing = false
    private var timer: Timer?
    private var deadline: Timer?  // of the token
    private var patience: Timer?  // with Redis

    private var core: LoopCore { connection.core }

    /// `headers` go into the head beside its own.
    init(connection: Connection, route: EventStreamRoute, headers: Headers) {
        self.connection = connection
        caller = route.caller
        channel = route.channel
        self.headers = headers
        connection.subscriber.shape = Shape(.eventStream, wrapping: .frame)
    }

    /// Follows the channel, from `since` on where that is still known.
    func start(since: Position?) {
        if case .user(let claims) = caller { claims.mustCloseAt.map(waitForExpiry) }
        core.subscriptions.join(connection, channel, since: since, request: nil)
        guard core.isConnected else { return answerWithoutRedis() }
        patience = core.loop.schedule(after: core.limits.greetingMilliseconds) { [weak self] in
            self?.answerWithoutRedis()
        }
    }

    /// Redis may be away for hours. Who may watch the task whoever owns it is let in, as a WebSocket is, and gets what there
    /// is when Redis is back; any other is told to come again.
    private func answerWithoutRedis() {
        guard !isOpen, !isClosing else { return }
        if mayWatch(channel, owner: nil) {
            open()
        } else {
            refuse(503, .unavailable, "it cannot be known now whose the task is")
        }
    }

    /// Whose stream it is; nil for an operator's.
    var user: String? { caller.user }

    /// Ends with the token. Looked at once a day at least: the wall clock may be set.
    private func waitForExpiry(_ end: Int64) {
        let left = end - WallClock.now
        guard left > 0 else { return finish() }
        deadline = core.loop.schedule(after: UInt64(min(left, 86_400_000))) { [weak self] in self?.waitForExpiry(end) }
    }

    /// An administrator closes what the user has open.
    func close() { finish() }

    // MARK: Channels

    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool {
        caller.mayWatch(channel, owner: owner, rule: core.shared.configuration.watch)
    }

    func say(_ message: ServerMessage) {
        guard !isClosing else { return }
        switch message {
        case .subscribed: open()
        case .delivery(let delivery): connection.send(SharedBytes(ServerSentEvent.encode(delivery)))
        case .missed(_, let count, let position):
            connection.send(SharedBytes(ServerSentEvent.encode(missed: count, upTo: position)))
        case .fault(let fault, _): refuse(503, .unavailable, fault.message)
        default: break
        }
    }

    func refuseToShow(_ channel: ChannelName, request: RequestID?) {
        refuse(403, .forbidden, "this token may not watch the task")
    }

    func expectAcknowledgement(of delivery: Delivery) {}

    private func open() {
        guard !isOpen else { return }
        isOpen = true
        core.didAnswer(200, connection, request)
        var head = Response(
            status: 200,
            // The last one is nginx's: pass on what comes when it comes.
            headers: ["Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"],
            body: ServerSentEvent.comment)
        for field in headers.fields { head.headers.add(field.name, field.value) }
        connection.send(SharedBytes(head.encodeOpenEnded()))
        comment()
    }

    private func refuse(_ status: Int, _ code: ErrorCode, _ message: String) {
        guard !isOpen else { return finish() }
        core.didAnswer(status, connection, request)
        var response = Response.error(status, code, message, headers: status == 503 ? ["Retry-After": "1"] : [:])
        for field in headers.fields { response.headers.add(field.name, field.value) }
        connection.send(SharedBytes(response.encode(keepAlive: false)))
        finish()
    }

    private func comment() {
        timer = core.loop.schedule(after: Self.commentMilliseconds) { [weak self] in
            guard let self, !isClosing else { return }
            connection.send(SharedBytes(ServerSentEvent.comment))
            comment()
        }
    }

    // MARK: Conversation

    /// What a client sends behind its request is not looked at: it has asked for all there will be.
    func receive(_ bytes: UnsafeRawBufferPointer) {}
    func didDrain() {}
    func peerDidFinish() { connection.close() }
    func didOverflow() { connection.close() }
    func drain() { finish() }

    func didEnd() {
        isClosing = true
        core.counters.streams -= 1
        timer?.cancel()
        deadline?.cancel()
        patience?.cancel()
    }

    private func finish() {
        guard !isClosing else { return }
        isClosing = true
        timer?.cancel()
        deadline?.cancel()
        patience?.cancel()
        core.subscriptions.leaveAll(connection)
        connection.closeWhenDrained()
    }
}
