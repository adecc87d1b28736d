import Events
import JSON

/// Video tasks: a client authenticates with its first message and subscribes to tasks (ops/dialects.md).
public enum TasksDialect: Dialect {
    /// `tasks`
    public static let name = "tasks"
    /// The first message carries the token of a user.
    public static let traits = DialectTraits(
        address: DialectAddress("/ws"), authenticatesByMessage: true, needsUser: true, greeting: .authenticated,
        rooms: [.user, .team])

    /// The messages for `message`. A state is sent as `taskUpdated` and again as the event's message: clients of one
    /// document read only the first, clients of the other only the second.
    public static func encode(_ message: ServerMessage, stamp: MessageStamp) -> [[UInt8]] {
        let now = stamp.now
        switch message {
        case .welcome, .connected, .closing, .unsubscribedTopic:
            return []
        case .authenticated(let user, let username, let sessionID, let expiresAt, let request):
            return [authSuccess(user, username, sessionID, expiresAt, TasksEnvelope("authSuccess", request, now))]
        case .authenticationFailed(let fault, let request):
            return [refusal(fault, TasksEnvelope("authError", request, now))]
        case .subscribed(let channel, let position, let recovered, let request):
            return [subscribed(channel, position, recovered, TasksEnvelope("subscribeSuccess", request, now))]
        case .unsubscribed(let channel, let request):
            return [unsubscribed(channel, TasksEnvelope("unsubscribeSuccess", request, now))]
        case .pong(let request):
            return [TasksEnvelope("pong", request, now).encode { _ in }]
        case .fault(let fault, let request):
            return [refusal(fault, TasksEnvelope("error", request, now))]
        case .heartbeat(let connectedClients, let uptimeSeconds):
            return [heartbeat(connectedClients, uptimeSeconds, TasksEnvelope("heartbeat", nil, now))]
        case .delivery(let delivery):
            if delivery.channel.isPersonal { return TasksDelivery.personal(delivery) }
            let typed = TasksDelivery.encode(delivery)
            return delivery.isSnapshot ? [TasksDelivery.updated(delivery, request: nil), typed] : [typed]
        case .missed(let channel, let count, let position):
            return [missed(channel, count, position, TasksEnvelope("missed", nil, now))]
        case .taskUpdate(let delivery, let request):
            return [TasksDelivery.updated(delivery, request: request)]
        }
    }

    /// Several messages as one.
    public static func batch(_ messages: [[UInt8]], stamp: MessageStamp) -> [[UInt8]] {
        let capacity = JSONWriter.batchCapacity(messages)
        return [TasksEnvelope("taskBatch", nil, stamp.now).encode(capacity: capacity) { $0.updates(messages) }]
    }

    private static func authSuccess(
        _ user: String, _ username: String, _ sessionID: String, _ expiresAt: Int64?, _ envelope: TasksEnvelope
    ) -> [UInt8] {
        envelope.encode { writer in
            writer.key("userId")
            writer.string(user)
            writer.key("username")
            writer.string(username)
            writer.key("sessionId")
            writer.string(sessionID)
            writer.key("expiresAt")
            if let expiresAt { writer.integer(expiresAt) } else { writer.null() }
        }
    }

    private static func subscribed(
        _ channel: ChannelName, _ position: Position?, _ recovered: Bool?, _ envelope: TasksEnvelope
    ) -> [UInt8] {
        envelope.encode { writer in
            writer.identity("videoId", of: channel)
            writer.key("subscribed")
            writer.bool(true)
            writer.subscription(position: position, recovered: recovered)
        }
    }

    private static func unsubscribed(_ channel: ChannelName, _ envelope: TasksEnvelope) -> [UInt8] {
        envelope.encode { writer in
            writer.identity("videoId", of: channel)
            writer.key("subscribed")
            writer.bool(false)
        }
    }

    private static func refusal(_ fault: Fault, _ envelope: TasksEnvelope) -> [UInt8] {
        envelope.encode { writer in
            writer.key("code")
            writer.string(fault.code.rawValue)
            writer.key("message")
            writer.string(fault.message)
            if let subject = fault.subject { writer.identity("videoId", of: subject) }
        }
    }

    private static func missed(
        _ channel: ChannelName, _ count: UInt64, _ position: Position, _ envelope: TasksEnvelope
    ) -> [UInt8] {
        envelope.encode { writer in
            writer.identity("videoId", of: channel)
            writer.missed(count, upTo: position)
        }
    }

    private static func heartbeat(_ clients: Int, _ uptimeSeconds: Double, _ envelope: TasksEnvelope) -> [UInt8] {
        envelope.encode { writer in
            writer.key("connectedClients")
            writer.integer(clients)
            writer.key("uptime")
            writer.double(uptimeSeconds)
        }
    }
}
