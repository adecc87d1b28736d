import Dialects
import EventLoop
import Token
import WebSocket

/// What one WebSocket has authenticated as, and what it asks for.
final class Session {
    private unowned let conversation: WebSocketConversation
    private var identity: Identity?
    private var deadline: Timer?  // to authenticate, then of the token

    private var core: LoopCore { conversation.core }
    private var connection: Connection { conversation.connection }

    init(conversation: WebSocketConversation) { self.conversation = conversation }

    var isAuthenticated: Bool { identity != nil }

    // MARK: Authentication

    /// Begins: with the token of the handshake where the dialect has it there, else by waiting for `auth`.
    func start(token: String?) {
        guard conversation.dialect.authenticatesByMessage else {
            return authenticate(token: token ?? "", request: nil)
        }
        deadline = core.loop.schedule(after: UInt64(core.shared.configuration.authTimeoutMilliseconds)) { [weak self] in
            guard let self, !isAuthenticated else { return }
            conversation.say(.fault(Fault(.authTimeout, "no auth message came in time"), request: nil))
            conversation.close(.policyViolation, reason: "authentication timeout")
        }
    }

    private func authenticate(token: String, request: RequestID?) {
        do throws(TokenError) {
            let found = try core.shared.authenticator.session(
                token: token, acceptsFixedToken: !conversation.dialect.needsUser, now: WallClock.now)
            if let identity, identity.user != found.user {
                let fault = Fault(.invalidOperation, "this connection belongs to another user")
                return conversation.say(.fault(fault, request: request))
            }
            welcome(found, request: request)
        } catch {
            // Not told why in the client's words: the log says it, by connection.
            core.log.info(
                "refused a token",
                [
                    "connection": "\(connection.id)", "peer": .text(connection.peer), "reason": .text(error.message),
                ])
            conversation.say(.authenticationFailed(Fault(.unauthorized, "Authentication failed"), request: request))
            conversation.close(.policyViolation, reason: "authentication failed")
        }
    }

    private func welcome(_ identity: Identity, request: RequestID?) {
        self.identity = identity
        deadline?.cancel()
        waitForExpiry()
        core.log.debug(
            "WebSocket authenticated",
            ["connection": "\(connection.id)", "peer": .text(connection.peer), "user": .text(identity.user ?? "")])
        if conversation.dialect.authenticatesByMessage {
            conversation.say(
                .authenticated(
                    user: identity.user ?? "", username: identity.username, sessionID: makeSessionID(),
                    expiresAt: identity.expiresAt, request: request))
        } else {
            conversation.say(
                .welcome(
                    clientID: "client-\(connection.id)",
                    heartbeatMilliseconds: core.shared.configuration.heartbeatMilliseconds))
        }
    }

    /// `ws_`, seconds, and six random characters (tasks.md).
    private func makeSessionID() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return "ws_\(WallClock.now / 1000)_" + String((0..<6).map { _ in letters.randomElement()! })
    }

    /// Closes with 1008 when the token ends. Looked at once a day at least: the wall clock may be set.
    private func waitForExpiry() {
        guard let expiresAt = identity?.expiresAt else { return }
        let left = expiresAt - WallClock.now
        guard left > 0 else { return expire() }
        deadline = core.loop.schedule(after: UInt64(min(left, 86_400_000))) { [weak self] in self?.waitForExpiry() }
    }

    private func expire() {
        conversation.say(.fault(Fault(.unauthorized, "the token has expired"), request: nil))
        conversation.close(.policyViolation, reason: "token expired")
    }

    // MARK: Commands

    /// Does what the client asks for.
    func handle(_ command: ClientCommand) {
        switch command {
        case .ping(let request): conversation.say(.pong(request: request))
        case .authenticate(let token, _, let request): authenticate(token: token, request: request)
        case _ where !isAuthenticated:
            conversation.say(.fault(Fault(.authRequired, "authenticate first"), request: command.request))
        case .subscribe(let channel, let since, let request):
            subscribe(to: channel, since: since, request: request)
        case .unsubscribe(let channel, let request):
            core.subscriptions.leave(connection, channel)
            conversation.say(.unsubscribed(channel, request: request))
        case .requestStatus(let channels, let request):
            for channel in channels { core.subscriptions.tellState(of: channel, to: connection, request: request) }
        case .unsubscribeTopic, .acknowledge, .typing, .presence, .chat:
            conversation.say(.fault(Fault(.invalidOperation, "not here"), request: nil))
        case .disconnect: conversation.close(.normal, reason: "")
        }
    }

    private func subscribe(to channel: ChannelName, since: Position?, request: RequestID?) {
        let limit = core.limits.subscriptionsPerConnection
        guard core.subscriptions.follows(connection, channel) || core.subscriptions.count(of: connection) < limit else {
            let fault = Fault(.tooManySubscriptions, "at most \(limit) subscriptions a connection", subject: channel)
            return conversation.say(.fault(fault, request: request))
        }
        core.subscriptions.join(connection, channel, since: since, request: request)
    }

    /// The connection is gone.
    func end() { deadline?.cancel() }
}
