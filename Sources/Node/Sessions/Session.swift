import Access
import Events
import Dialects
import EventLoop
import HTTP
import Hub
import Token
import WebSocket

/// What one WebSocket has authenticated as.
final class Session {
    unowned let conversation: WebSocketConversation
    private(set) var identity: Identity?
    /// The client's own name for itself, where the dialect has one: survives its connections.
    private(set) var clientID: String
    /// Whether presence counts the connection.
    var isCounted = false
    /// How things stood when it was counted.
    var admission: Admission?
    /// The last announcement that is in the count the client was told; nil before.
    var hearsAfter: Int64?
    private var deadline: Timer?  // to authenticate, then of the token
    /// Messages that the client has to acknowledge; only where the dialect has such.
    private(set) var acknowledgements: Acknowledgements?
    /// Requests for a task's status that wait for its third party.
    var waitingInquiries = 0

    var core: LoopCore { conversation.core }
    var connection: Connection { conversation.connection }

    init(conversation: WebSocketConversation) {
        self.conversation = conversation
        clientID = "client-" + Incarnation.make()
    }

    var isAuthenticated: Bool { identity != nil }
    /// The user; nil before authentication and for the fixed token, which belongs to nobody.
    var user: String? { identity?.user }

    /// Whether it may watch a channel, whose owner is `owner` as far as is known.
    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool {
        identity?.mayWatch(channel, owner: owner, rule: core.shared.configuration.watch) ?? false
    }

    // MARK: Authentication

    /// Begins with the token of the handshake. A dialect whose clients bring it in a message takes it from there only where
    /// they could put it into the header, and else waits for `auth`.
    func start(handshake: RequestHead) {
        if conversation.dialect.traits.authenticatesByMessage {
            guard let token = Credentials(header: handshake.headers).token else { return waitForAuthentication() }
            return authenticate(token: token, request: nil)
        }
        do throws(Fault) {
            clientID = try conversation.dialect.dialect.clientID { handshake.query[$0] } ?? clientID
        } catch {
            core.refused(.handshake, connection, error.message)
            conversation.say(.fault(error, request: nil))
            return conversation.close(.protocolError, reason: error.message)
        }
        authenticate(token: Credentials(handshake).token ?? "", request: nil)
    }

    private func waitForAuthentication() {
        deadline = core.loop.schedule(after: UInt64(core.shared.configuration.authTimeoutMilliseconds)) { [weak self] in
            guard let self, !isAuthenticated else { return }
            core.refused(.authTimeout, connection, "no auth message came in time")
            conversation.say(.fault(Fault(.authTimeout, "no auth message came in time"), request: nil))
            conversation.close(.policyViolation, reason: "authentication timeout")
        }
    }

    func authenticate(token: String, wantsBatches: Bool = false, request: RequestID?) {
        do throws(TokenError) {
            let found = try core.shared.authenticator.session(
                token: token, acceptsFixedToken: !conversation.dialect.traits.needsUser, now: WallClock.now)
            if let identity, identity.user != found.user {
                let fault = Fault(.invalidOperation, "this connection belongs to another user")
                return conversation.say(.fault(fault, request: request))
            }
            if wantsBatches { conversation.takesBatches = true }
            welcome(found, request: request)
        } catch {
            // Not told why in the client's words: the log says it, by connection.
            core.refused(.token, connection, error.message)
            conversation.say(.authenticationFailed(Fault(.unauthorized, "Authentication failed"), request: request))
            conversation.close(.policyViolation, reason: "authentication failed")
        }
    }

    private func welcome(_ identity: Identity, request: RequestID?) {
        self.identity = identity
        deadline?.cancel()
        identity.mustCloseAt.map(waitForExpiry)
        core.log.debug(
            "WebSocket authenticated",
            ["connection": "\(connection.id)", "peer": .text(connection.peer), "user": .text(identity.user ?? "")])
        if conversation.dialect.traits.greeting == .onlineCount {
            welcomeToPresence(identity)
        } else {
            greet(identity, request: request)
            followPersonalChannels {}
            join { _ in }
        }
        if conversation.dialect.traits.acknowledges, acknowledgements == nil {
            acknowledgements = Acknowledgements(session: self)
            acknowledgements?.takeOver()
        }
    }

    private func greet(_ identity: Identity, request: RequestID?) {
        switch conversation.dialect.traits.greeting {
        case .authenticated:
            conversation.say(
                .authenticated(
                    user: identity.user ?? "", username: identity.username, sessionID: makeSessionID(),
                    expiresAt: identity.expiresAt, request: request))
        case .welcome:
            conversation.say(
                .welcome(clientID: clientID, heartbeatMilliseconds: core.shared.configuration.heartbeatMilliseconds))
        case .onlineCount: break  // follows once the user is counted
        }
    }

    /// `ws_`, seconds, and six random characters (ops/dialects.md).
    private func makeSessionID() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return "ws_\(WallClock.now / 1000)_" + String((0..<6).map { _ in letters.randomElement()! })
    }

    /// Closes with 1008 when the token is good no longer. Looked at once a day at least: the wall clock may be set.
    private func waitForExpiry(_ end: Int64) {
        let left = end - WallClock.now
        guard left > 0 else { return expire() }
        deadline = core.loop.schedule(after: UInt64(min(left, 86_400_000))) { [weak self] in self?.waitForExpiry(end) }
    }

    private func expire() {
        conversation.say(.fault(Fault(.unauthorized, "the token has expired"), request: nil))
        conversation.close(.policyViolation, reason: "token expired")
    }

    /// The client is to acknowledge `delivery`, which it has just been sent.
    func expectAcknowledgement(of delivery: Delivery) {
        guard let acknowledgements, let id = conversation.dialect.dialect.messageID(of: delivery)
        else { return }
        for text in conversation.dialect.dialect.encode(.delivery(delivery), stamp: core.events.stamp()) {
            acknowledgements.expect(id, text)
        }
    }

    // MARK: What is addressed to the user

    /// Joins the rooms of the user, of the user's teams (ops/dialects.md) and of everyone (ops/dialects.md), as the token now says.
    func followPersonalChannels(_ done: @escaping () -> Void) {
        let wanted = personalChannels
        for kind in [ChannelName.Kind.user, .team, .everyone] {
            for channel in core.subscriptions.channels(of: connection, kind) where !wanted.contains(channel) {
                core.subscriptions.leave(connection, channel)
            }
        }
        var waiting = wanted.count
        for channel in wanted {
            core.subscriptions.joinQuietly(connection, channel, taking: .events) {
                waiting -= 1
                if waiting == 0 { done() }
            }
        }
    }

    private var personalChannels: [ChannelName] {
        guard let identity, let user = identity.user.flatMap(Identifier.init) else { return [] }
        let teams = identity.teams.prefix(core.limits.teamsPerToken).compactMap(Identifier.init)
        let all = [.user(user)] + teams.map(ChannelName.team) + [.everyone]
        return all.filter { conversation.dialect.traits.rooms.contains($0.kind) }
    }

    /// The connection is closing: it counts no longer, and is sent nothing again.
    func leave() {
        acknowledgements?.end()
        guard isCounted, let user else { return }
        isCounted = false
        core.presence.leave(user)
    }

    /// The connection is gone.
    func end() {
        leave()
        deadline?.cancel()
    }
}
