package import Access
import Base
package import Connections
package import Dialects
import EventLoop
package import Events
import Following
package import HTTP
import Hub
import Settings
import Telemetry
import Token

/// One task's events as server-sent events, for viewers without WebSockets: `curl -N` shows a task live.
///
/// A member of its channel with the same limits as any other. The node sends the head once it knows that the viewer may
/// watch, and waits for Redis only where that depends on it.
package final class EventStreamConversation: ChannelConversation {
    /// Milliseconds between two comments.
    package static let commentMilliseconds: UInt64 = 15_000

    private unowned let connection: Connection
    private let services: ViewerServices
    private let caller: Caller
    private let channel: ChannelName
    private let headers: Headers
    private var isOpen = false
    private var isClosing = false
    private var commentTimer: Timer?
    private var expiryTimer: Timer?
    private var patienceTimer: Timer?
    package var waitingInquiries = 0

    /// The head carries `headers` beside its own.
    package init(
        connection: Connection, services: ViewerServices, caller: Caller, channel: ChannelName, headers: Headers
    ) {
        self.connection = connection
        self.services = services
        self.caller = caller
        self.channel = channel
        self.headers = headers
        connection.subscriber.shape = Shape(.eventStream, wrapping: .bare)
        services.tally.counters.streams += 1
    }

    /// Follows the channel, after `since` where that is still known.
    package func start(since: Position?) {
        if case .user(let claims) = caller { claims.mustCloseAt.map(waitForExpiry) }
        services.following.join(connection, channel, since: since, request: nil)
        guard services.isConnected() else { return answerWithoutRedis() }
        patienceTimer = services.loop.schedule(after: services.limits.greetingMilliseconds) { [weak self] in
            self?.answerWithoutRedis()
        }
    }

    /// Redis may be away for hours. A viewer that may watch the task whoever owns it is admitted, as a WebSocket is,
    /// and gets the events when Redis is back. Any other viewer is told to retry.
    private func answerWithoutRedis() {
        guard !isOpen, !isClosing else { return }
        if mayWatch(channel, owner: nil) {
            open()
        } else {
            refuse(503, .unavailable, "it cannot be known now whose the task is")
        }
    }

    /// Ends when the token expires.
    private func waitForExpiry(_ end: Int64) {
        let left = end - WallClock.now
        guard left > 0 else { return finish() }
        expiryTimer = services.loop.schedule(after: UInt64(min(left, ViewerServices.longestWaitForExpiry))) {
            [weak self] in
            self?.waitForExpiry(end)
        }
    }

    // MARK: Channels

    /// The stream's user; nil for an operator.
    package var user: String? { caller.user }

    package func mayWatch(_ channel: ChannelName, owner: String?) -> Bool {
        caller.mayWatch(channel, owner: owner, rule: services.watch)
    }

    package func say(_ message: ServerMessage) {
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

    package func refuseToShow(_ channel: ChannelName, request: RequestID?) {
        refuse(403, .forbidden, "this token may not watch the task")
    }

    // MARK: Answering

    private func open() {
        guard !isOpen else { return }
        isOpen = true
        // The last field is for nginx: do not buffer the response.
        let fields: Headers = [
            "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
        ]
        var head = Response(status: 200, headers: fields, body: ServerSentEvent.comment)
        head.add(headers)
        didAnswer(200)
        connection.send(SharedBytes(head.encodeOpenEnded()))
        commentLater()
    }

    private func refuse(_ status: Int, _ code: ErrorCode, _ message: String) {
        guard !isOpen else { return finish() }
        var response = Response.error(status, code, message, headers: status == 503 ? ["Retry-After": "1"] : [:])
        response.add(headers)
        didAnswer(status)
        connection.send(SharedBytes(response.encode(keepAlive: false)))
        finish()
    }

    private func didAnswer(_ status: Int) {
        services.clients.answered(status, connection.client, "GET the events of \(channel.text)")
    }

    private func commentLater() {
        commentTimer = services.loop.schedule(after: Self.commentMilliseconds) { [weak self] in
            guard let self, !isClosing else { return }
            connection.send(SharedBytes(ServerSentEvent.comment))
            commentLater()
        }
    }

    // MARK: Conversation

    /// Bytes after the request are ignored: the client can ask for nothing more.
    package func receive(_ bytes: UnsafeRawBufferPointer) {}
    package func peerDidFinish() { connection.close() }
    package func didOverflow() { connection.close() }
    package func drain() { finish() }
    package func closeForAdministrator() { finish() }

    package func didEnd() {
        services.tally.counters.streams -= 1
        stop()
    }

    private func finish() {
        guard !isClosing else { return }
        stop()
        connection.closeWhenDrained()
    }

    private func stop() {
        isClosing = true
        for timer in [commentTimer, expiryTimer, patienceTimer] { timer?.cancel() }
        services.following.leaveAll(connection)
    }
}
