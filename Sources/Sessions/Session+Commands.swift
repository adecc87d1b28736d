import Access
import Connections
import Dialects
import Events
import Following
import Hub
import Online
import Redis
import Settings
import Telemetry
import WebSocket

extension Fault {
    /// The message fits a frame, but with its sender's fields it is too long for an event: every node would drop it.
    fileprivate static let tooLong = Fault(
        .messageTooLarge, "the message has, with its escapes, more bytes than can be passed on")
}

extension Session {
    /// Handles a client's command.
    func handle(_ command: ClientCommand) {
        switch command {
        case .ping(let request): say(.pong(request: request))
        case .authenticate(let token, let wantsBatches, let request):
            authenticate(token: token, wantsBatches: wantsBatches, request: request)
        case .disconnect: close(.normal, reason: "")
        case _ where !isAuthenticated:
            say(.fault(Fault(.authRequired, "authenticate first"), request: command.request))
        case .subscribe(let channel, let since, let request):
            subscribe(to: channel, since: since, request: request)
        case .unsubscribe(let channel, let request):
            following.leave(connection, channel)
            say(.unsubscribed(channel, request: request))
        case .unsubscribeTopic(let topic, let request): unsubscribe(fromTopic: topic, request: request)
        case .requestStatus(let channels, var request):
            log(
                "asked how a task stands",
                [
                    "connection": "\(connection.id)", "user": .text(user ?? ""),
                    "task": .text(channels.first?.id ?? ""),
                    "tasks": .number(channels.count),
                ])
            for channel in channels {
                tellStatus(of: channel, request: request)
                request = request?.furtherAnswer
            }
        case .acknowledge(let messageID): acknowledgements?.acknowledge(messageID)
        case .typing, .presence, .chat: passOn(command)
        }
    }

    private func subscribe(to channel: ChannelName, since: Position?, request: RequestID?) {
        guard mayBegin(channel) else { return refuseToShow(channel, request: request) }
        guard hasRoom(for: channel) else {
            let limit = services.rules.subscriptionsPerConnection
            refused(.subscriptions, "more than \(limit) subscriptions")
            let fault = Fault(.tooManySubscriptions, "at most \(limit) subscriptions a connection", subject: channel)
            return say(.fault(fault, request: request))
        }
        following.join(connection, channel, since: since, request: request)
    }

    /// Whether the client may watch the channel, as far as that is known without its owner.
    private func mayBegin(_ channel: ChannelName) -> Bool {
        viewers.watch.needsOwner || mayWatch(channel, owner: nil)
    }

    private func hasRoom(for channel: ChannelName) -> Bool {
        following.follows(connection, channel, taking: .events)
            || following.count(of: connection) < services.rules.subscriptionsPerConnection
    }

    private func unsubscribe(fromTopic topic: String, request: RequestID?) {
        let all = following.channels(of: connection, .topic) + following.channels(of: connection, .task)
        for channel in all where TopicName(channel)?.topic == topic { following.leave(connection, channel) }
        say(.unsubscribedTopic(topic, request: request))
    }

    /// Answers with the state, and sends every change from now on (ops/dialects.md), until the client unsubscribes or
    /// has asked about too many others.
    private func tellStatus(of channel: ChannelName, request: RequestID?) {
        guard mayBegin(channel) else { return refuseToShow(channel, request: request) }
        following.answer(connection, about: channel, request: request)
    }

    /// Publishes a user's message to others.
    private func passOn(_ command: ClientCommand) {
        guard let identity, let user = identity.user else { return }
        let message = UserMessage(command, from: user, name: identity.username, now: WallClock.now)
        guard let message else { return }
        guard message.text.count <= viewers.limits.eventBytes else {
            return say(.fault(.tooLong, request: nil))
        }
        if case .presence(let status, _) = command { services.presence.set(status, of: user) }
        guard message.channel != .everyone || services.presence.isBroadcasting else { return }
        following.publish(message.text, to: message.channel) { [weak self] result in
            guard case .failure = result else { return }
            self?.fault(.messageProcessingError, "Redis cannot be reached now; the message was not sent")
        }
    }
}
