import Events
public import JSON

/// Workflow jobs: a client joins a job's room and gets status changes, completed stages and errors (ops/dialects.md).
public enum JobsDialect: Dialect {
    /// `jobs`
    public static let name = "jobs"
    /// The query carries the token, and the fixed token suffices.
    public static let traits = DialectTraits(
        address: DialectAddress("/ws", queryNames: ["token"]), needsUser: false, greeting: .welcome, rooms: [.user])

    /// Reads the command in `message`. Requests have no id here.
    public static func decode(_ message: JSONObject, parser: JSONParser) throws(DialectFault) -> ClientCommand {
        do throws(Fault) {
            return try command(message)
        } catch {
            throw DialectFault(error, request: nil)
        }
    }

    private static func command(_ message: JSONObject) throws(Fault) -> ClientCommand {
        guard let type = message["type"]?.string else { throw .typeMissing }
        switch type {
        case "join_job":
            return .subscribe(try message.task("jobId", path: "jobId"), since: message.position, request: nil)
        case "leave_job":
            return .unsubscribe(try message.task("jobId", path: "jobId"), request: nil)
        case "ping":
            return .ping(request: nil)
        default:
            throw .unknownType(type)
        }
    }

    /// The messages for `message`. Joining and leaving have no reply, and there are no heartbeats.
    public static func encode(_ message: ServerMessage, stamp: MessageStamp) -> [[UInt8]] {
        let now = stamp.now
        switch message {
        case .welcome(let clientID, let heartbeatMilliseconds):
            return [welcome(clientID, heartbeatMilliseconds, now)]
        case .authenticationFailed(let fault, _), .fault(let fault, _):
            return [error(fault, now)]
        case .pong:
            return [pong(now)]
        case .delivery(let delivery):
            return delivery.channel.isPersonal ? JobsDelivery.personal(delivery) : [JobsDelivery.encode(delivery)]
        case .missed(let channel, let count, let position):
            return [missed(channel, count, position, now)]
        case .connected, .authenticated, .subscribed, .unsubscribed, .unsubscribedTopic, .heartbeat, .taskUpdate,
            .closing:
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
        writer.isoTimestamp(stamp.now)
        writer.endObject()
        writer.endObject()
        return [writer.bytes]
    }

    private static func welcome(_ clientID: String, _ heartbeatMilliseconds: Int, _ now: Int64) -> [UInt8] {
        var writer = JSONWriter(capacity: 160)
        writer.beginObject()
        writer.type(.fixed("connection_established"))
        writer.key("clientId")
        writer.string(clientID)
        writer.isoTimestamp(now)
        writer.key("heartbeatInterval")
        writer.integer(heartbeatMilliseconds)
        writer.endObject()
        return writer.bytes
    }

    private static func error(_ fault: Fault, _ now: Int64) -> [UInt8] {
        var writer = JSONWriter(capacity: 160)
        writer.beginObject()
        writer.type(.fixed("error"))
        writer.key("message")
        writer.string(fault.message)
        writer.key("code")
        writer.string(fault.code.rawValue)
        if let subject = fault.subject { writer.identity("jobId", of: subject) }
        writer.isoTimestamp(now)
        writer.endObject()
        return writer.bytes
    }

    private static func missed(_ channel: ChannelName, _ count: UInt64, _ position: Position, _ now: Int64) -> [UInt8] {
        var writer = JSONWriter(capacity: 160)
        writer.beginObject()
        writer.type(.fixed("missed"))
        writer.key("data")
        writer.beginObject()
        writer.identity("jobId", of: channel)
        writer.isoTimestamp(now)
        writer.missed(count, upTo: position)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    private static func pong(_ now: Int64) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.beginObject()
        writer.type(.fixed("pong"))
        writer.isoTimestamp(now)
        writer.endObject()
        return writer.bytes
    }
}
