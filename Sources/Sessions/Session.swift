import Access
import Base
import Connections
import Dialects
import EventLoop
import Events
import Following
import HTTP
import Hub
import Online
import Settings
import Telemetry
import Token
import WebSocket

/// One client of a WebSocket or of polls: its identity, its messages, and its end.
package final class Session {
    // In this order the properties take 168 bytes, which malloc rounds up to 176.
    unowned let connection: Connection
    let services: SessionServices
    let dialect: DialectName
    /// The wire format of messages to this client.
    private(set) var shape: Shape
    var closing = ClosingHandshake.open
    /// Whether presence counts the connection.
    var isCounted = false
    /// The messages that the client may still send now.
    var bucket: TokenBucket
    private(set) var identity: Identity?
    private var isNamed = false
    /// Whether the handshake asked for batches.
    private var asksForBatches = false
    private var openInquiries: Int32 = 0
    private var name: String
    /// The announcements that the client's count includes; nil before the client was told a count.
    var hearsAfter: CountedAnnouncements?
    /// Fires when the client's time to authenticate is over, later when its token expires. It holds the session until
    /// then or until ``didEnd()``: the first weak reference to an object costs it 48 bytes for the rest of its life.
    private var deadline: Timer?
    /// Messages that the client must acknowledge; only where the dialect has acknowledgements.
    private(set) var acknowledgements: Acknowledgements?

    init(connection: Connection, services: SessionServices, dialect: DialectName, wrapping: Shape.Wrapping) {
        self.connection = connection
        self.services = services
        self.dialect = dialect
        shape = Shape(.dialect(dialect), wrapping: wrapping)
        bucket = TokenBucket(burst: services.viewers.limits.messageBurst, now: services.viewers.loop.now)
        name = Incarnation.make()
        connection.subscriber.shape = shape
    }

    /// The client's name for itself, where the dialect has one: it outlives the connection. Else one of the node's,
    /// whose start is not stored: with it the name would need memory of its own.
    var clientID: String { isNamed ? name : "client-" + name }
    /// Status requests that wait for a third party.
    var waitingInquiries: Int {
        get { Int(openInquiries) }
        set { openInquiries = Int32(newValue) }
    }

    var traits: DialectTraits { dialect.traits }
    var viewers: ViewerServices { services.viewers }
    var following: Subscriptions { services.viewers.following }
    /// A cast for what happens once an interval or once: a stored property would cost every session 16 bytes.
    var wire: (any SessionWire)? { connection.conversation as? any SessionWire }
    private var loop: EventLoop { services.viewers.loop }

    var isAuthenticated: Bool { identity != nil }
    /// The user; nil before authentication and for the fixed token, which has none.
    var user: String? { identity?.user }

    /// Whether it may watch a channel; `owner` is its task's owner, where the loop knows it.
    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool {
        identity?.mayWatch(channel, owner: owner, rule: viewers.watch) ?? false
    }

    /// The client has moved to a WebSocket: its messages go in `frame` from now on, those that wait too.
    func didMove(into frame: Shape.Wrapping.Frame) {
        guard var next = connection.subscriber.shape?.wrapping else { return }
        next.frame = frame
        connection.connections.hub.reshape(connection.subscriber, to: Shape(shape.form, wrapping: next)) {
            services.frames.frame(ofPacket: $0.array, in: Shape(shape.form, wrapping: next))
        }
        viewers.tally.counters.upgrades[dialect] += 1
        logOpening(isWebSocket: true)
        next.isBatched = false
        shape = Shape(shape.form, wrapping: next)
    }

    // MARK: Start

    /// Starts with the token of the handshake. A dialect whose clients send the token in a message accepts it from the
    /// handshake only where clients could set the header, and else waits for `auth`.
    func start(handshake: RequestHead) {
        didOpen(handshake, isWebSocket: true)
        if traits.authenticatesByMessage {
            guard let token = Credentials(header: handshake.headers).token else { return waitForAuthentication() }
            return authenticate(token: token, request: nil)
        }
        do throws(Fault) {
            if let own = try dialect.dialect.clientID(query: { handshake.query[$0] }) { (name, isNamed) = (own, true) }
        } catch {
            refused(.handshake, error.message)
            say(.fault(error, request: nil))
            return close(.protocolError, reason: error.message)
        }
        authenticate(token: Credentials(handshake).token ?? "", request: nil)
    }

    /// Starts without a token: the client's first message brings it.
    func startWaiting(handshake: RequestHead, isWebSocket: Bool) {
        didOpen(handshake, isWebSocket: isWebSocket)
        waitForAuthentication()
    }

    private func didOpen(_ handshake: RequestHead, isWebSocket: Bool) {
        asksForBatches = dialect.dialect.asksForBatches { handshake.query[$0] }
        logOpening(isWebSocket: isWebSocket)
        viewers.tally.counters.sessions[dialect] += 1
        if isWebSocket { viewers.tally.counters.upgrades[dialect] += 1 }
        services.presence.didConnect()
    }

    private func logOpening(isWebSocket: Bool) {
        log(
            "opened", isWebSocket: isWebSocket,
            ["connection": "\(connection.id)", "peer": .text(connection.peer), "dialect": "\(dialect)"])
    }

    private func waitForAuthentication() {
        deadline = loop.schedule(after: UInt64(services.rules.authTimeoutMilliseconds)) { [self] in
            guard !isAuthenticated else { return }
            refused(.authTimeout, "no auth message came in time")
            fault(.authTimeout, "no auth message came in time")
            close(.policyViolation, reason: "authentication timeout")
        }
    }

    // MARK: Authentication

    /// Who a token says that the client is.
    func identity(of token: String) throws(TokenError) -> Identity {
        try services.authenticator.session(token: token, acceptsFixedToken: !traits.needsUser, now: WallClock.now)
    }

    func authenticate(token: String, wantsBatches: Bool = false, request: RequestID?) {
        do throws(TokenError) {
            accept(try identity(of: token), wantsBatches: wantsBatches, request: request)
        } catch {
            // The log gives the reason, by connection; the client does not get it.
            refused(.token, error.message)
            say(.authenticationFailed(Fault(.unauthorized, "Authentication failed"), request: request))
            close(.policyViolation, reason: "authentication failed")
        }
    }

    /// Lets the client in as `found`; the connection's user never changes.
    func accept(_ found: Identity, wantsBatches: Bool = false, request: RequestID?) {
        if let identity, identity.user != found.user {
            let fault = Fault(.invalidOperation, "this connection belongs to another user")
            return say(.fault(fault, request: request))
        }
        if wantsBatches || asksForBatches {
            connection.subscriber.shape = Shape(.dialect(dialect), wrapping: shape.wrapping.batched)
        }
        welcome(found, request: request)
    }

    private func welcome(_ identity: Identity, request: RequestID?) {
        self.identity = identity
        deadline?.cancel()
        deadline = nil
        identity.mustCloseAt.map(waitForExpiry)
        log(
            "authenticated",
            ["connection": "\(connection.id)", "peer": .text(connection.peer), "user": .text(identity.user ?? "")])
        if traits.greeting == .onlineCount {
            welcomeToPresence()
        } else {
            greet(identity, request: request)
            followPersonalChannels {}
            join { _ in }
        }
        if traits.acknowledges, acknowledgements == nil {
            acknowledgements = makeAcknowledgements(identity)
            acknowledgements?.takeOver()
        }
    }

    private func makeAcknowledgements(_ identity: Identity) -> Acknowledgements {
        let store = services.acknowledgements
        let place = identity.user.map { store.place(user: $0, client: clientID, connection: connection.id) }
        return Acknowledgements(line: self, viewers: viewers, store: store, place: place)
    }

    private func greet(_ identity: Identity, request: RequestID?) {
        switch traits.greeting {
        case .authenticated:
            say(
                .authenticated(
                    user: identity.user ?? "", username: identity.username, sessionID: makeSessionID(),
                    expiresAt: identity.expiresAt, request: request))
        case .welcome:
            say(.welcome(clientID: clientID, heartbeatMilliseconds: services.rules.heartbeatMilliseconds))
        case .onlineCount: break  // follows once the user is counted
        }
    }

    /// `ws_`, seconds, and six random characters (ops/dialects.md).
    private func makeSessionID() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return "ws_\(WallClock.now / 1000)_" + String((0..<6).map { _ in letters.randomElement()! })
    }

    /// Closes with 1008 when the token expires.
    private func waitForExpiry(_ end: Int64) {
        let left = end - WallClock.now
        guard left > 0 else { return expire() }
        deadline = loop.schedule(after: UInt64(min(left, ViewerServices.longestWaitForExpiry))) { [self] in
            waitForExpiry(end)
        }
    }

    private func expire() {
        fault(.unauthorized, "the token has expired")
        close(.policyViolation, reason: "token expired")
    }

    // MARK: Ending

    /// The connection is closing: it no longer counts, follows no channel, and is sent no message again.
    func leave() {
        acknowledgements?.end()
        following.leaveAll(connection)
        guard isCounted, let user else { return }
        isCounted = false
        services.presence.leave(user)
    }

    /// The connection has ended.
    func didEnd() {
        deadline?.cancel()
        viewers.tally.counters.sessions[dialect] -= 1
        services.presence.didDisconnect()
    }
}

extension Shape.Wrapping.Frame {
    init(_ acceptance: ServerHandshake.Acceptance) {
        guard acceptance.deflate else {
            self = .plain
            return
        }
        self = acceptance.needsNarrowWindow ? .compressedNarrowly : .compressed
    }
}
