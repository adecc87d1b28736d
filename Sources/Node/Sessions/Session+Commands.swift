import Access
import Events
import Dialects
import Hub
import RESP
import Redis
import Store
import WebSocket

extension Fault {
    /// A message that fits a frame, but with what is said of its sender no event: every node would drop it.
    fileprivate static let tooLong = Fault(
        .messageTooLarge, "the message has, with its escapes, more bytes than can be passed on")
}

extension Session {
    /// Does what the client asks for.
    func handle(_ command: ClientCommand) {
        switch command {
        case .ping(let request): conversation.say(.pong(request: request))
        case .authenticate(let token, let wantsBatches, let request):
            authenticate(token: token, wantsBatches: wantsBatches, request: request)
        case .disconnect: conversation.close(.normal, reason: "")
        case _ where !isAuthenticated:
            conversation.say(.fault(Fault(.authRequired, "authenticate first"), request: command.request))
        case .subscribe(let channel, let since, let request):
            subscribe(to: channel, since: since, request: request)
        case .unsubscribe(let channel, let request):
            core.subscriptions.leave(connection, channel)
            conversation.say(.unsubscribed(channel, request: request))
        case .unsubscribeTopic(let topic, let request): unsubscribe(fromTopic: topic, request: request)
        case .requestStatus(let channels, let request):
            for channel in channels { tellStatus(of: channel, request: request) }
        case .acknowledge(let messageID): acknowledgements?.acknowledge(messageID)
        case .typing, .presence, .chat: say(command)
        }
    }

    private func subscribe(to channel: ChannelName, since: Position?, request: RequestID?) {
        guard core.shared.configuration.watch.needsOwner || mayWatch(channel, owner: nil) else {
            return conversation.refuseToShow(channel, request: request)
        }
        guard hasRoom(for: channel) else {
            let limit = core.shared.configuration.subscriptionsPerConnection
            core.refused(.subscriptions, connection, "more than \(limit) subscriptions")
            let fault = Fault(.tooManySubscriptions, "at most \(limit) subscriptions a connection", subject: channel)
            return conversation.say(.fault(fault, request: request))
        }
        core.subscriptions.join(connection, channel, since: since, request: request)
    }

    private func hasRoom(for channel: ChannelName) -> Bool {
        core.subscriptions.follows(connection, channel, taking: .events)
            || core.subscriptions.count(of: connection) < core.shared.configuration.subscriptionsPerConnection
    }

    private func unsubscribe(fromTopic topic: String, request: RequestID?) {
        let all =
            core.subscriptions.channels(of: connection, .topic) + core.subscriptions.channels(of: connection, .task)
        for channel in all where TopicName(channel)?.topic == topic { core.subscriptions.leave(connection, channel) }
        conversation.say(.unsubscribedTopic(topic, request: request))
    }

    /// Answers with the state, and tells of every change from now on (ops/dialects.md), until it is unsubscribed from or
    /// too many others were asked about.
    private func tellStatus(of channel: ChannelName, request: RequestID?) {
        guard core.shared.configuration.watch.needsOwner || mayWatch(channel, owner: nil) else {
            return conversation.refuseToShow(channel, request: request)
        }
        core.subscriptions.answer(connection, about: channel, request: request)
    }

    /// Passes on what a user says to others.
    private func say(_ command: ClientCommand) {
        guard let identity, let user = identity.user else { return }
        let message = UserMessage(command, from: user, name: identity.username, now: WallClock.now)
        guard let message else { return }
        guard message.text.count <= core.limits.eventBytes else {
            return conversation.say(.fault(.tooLong, request: nil))
        }
        if case .presence(let status, _) = command { core.presence.statuses.set(status, of: user) }
        guard message.channel != .everyone || core.presence.isBroadcasting else { return }
        core.redis.publish(message.text, to: core.shared.configuration.naming.channel(message.channel.text)) {
            [weak self] result in
            guard case .failure = result else { return }
            let fault = Fault(.messageProcessingError, "Redis cannot be reached now; the message was not sent")
            self?.conversation.say(.fault(fault, request: nil))
        }
    }
}
