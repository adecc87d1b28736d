import Events
public import JSON

/// Users online, notifications, chat and typing (ops/dialects.md).
public enum PresenceDialect: Dialect {
    /// `presence`
    public static let name = "presence"
    /// The query carries the token of a user, who is told the count of users online.
    public static let traits = DialectTraits(
        address: DialectAddress("/api/v1/ws"), needsUser: true, greeting: .onlineCount, rooms: [.user, .everyone])

    /// The messages for `message`. Only owners hear of tasks, at their end.
    public static func encode(_ message: ServerMessage, stamp: MessageStamp) -> [[UInt8]] {
        switch message {
        case .connected(let user, let welcome, let onlineCount):
            return [connected(user, welcome, onlineCount)]
        case .pong:
            return [pong(stamp.now)]
        case .authenticationFailed(let fault, _), .fault(let fault, _):
            return [error(fault, stamp.now)]
        case .delivery(let delivery):
            return PresenceDelivery.encode(delivery)
        case .taskUpdate(let delivery, _):
            return PresenceDelivery.taskEnded(delivery)
        case .welcome, .authenticated, .subscribed, .unsubscribed, .unsubscribedTopic, .heartbeat, .closing,
            .missed:
            return []
        }
    }

    /// Several messages as one.
    public static func batch(_ messages: [[UInt8]], stamp: MessageStamp) -> [[UInt8]] {
        var writer = JSONWriter(capacity: JSONWriter.batchCapacity(messages))
        writer.beginObject()
        writer.type(.fixed("batch"))
        writer.key("data")
        writer.beginObject()
        writer.updates(messages)
        writer.endObject()
        writer.secondsTimestamp(stamp.now)
        writer.endObject()
        return [writer.bytes]
    }

    private static func connected(_ user: String, _ welcome: String, _ onlineCount: Int) -> [UInt8] {
        var writer = JSONWriter(capacity: 160)
        writer.beginObject()
        writer.type(.fixed("connected"))
        writer.key("data")
        writer.beginObject()
        writer.key("message")
        writer.string(welcome)
        writer.key("user_id")
        writer.userID(user)
        writer.key("online_count")
        writer.integer(onlineCount)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    private static func pong(_ now: Int64) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.beginObject()
        writer.type(.fixed("pong"))
        writer.secondsTimestamp(now)
        writer.endObject()
        return writer.bytes
    }

    private static func error(_ fault: Fault, _ now: Int64) -> [UInt8] {
        var writer = JSONWriter(capacity: 160)
        writer.beginObject()
        writer.type(.fixed("error"))
        writer.key("error_code")
        writer.string(fault.code.rawValue)
        writer.key("message")
        writer.string(fault.message)
        writer.secondsTimestamp(now)
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    /// A user's id in presence: a number exactly when it is `0`, or has no leading zero and is at most 2^53-1, which
    /// JavaScript still holds exactly.
    public mutating func userID(_ id: String) {
        let isDigits = !id.isEmpty && id.utf8.count <= 16 && id.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isDigits, id == "0" || id.utf8.first != 0x30, let number = Int64(id), number <= 9_007_199_254_740_991
        else { return string(id) }
        integer(number)
    }

    /// The dialect's time: ISO 8601 in UTC, whole seconds.
    mutating func secondsTimestamp(_ milliseconds: Int64) {
        key("timestamp")
        string(ascii: ISO8601.seconds(milliseconds))
    }
}
