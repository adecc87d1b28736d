public import Events
import JSON

/// An envelope for any subscription (ops/dialects.md).
public enum TopicsDialect: Dialect {
    /// `topics`
    public static let name = "topics"
    /// The query carries the token, and the fixed token suffices; clients acknowledge.
    public static let traits = DialectTraits(
        address: DialectAddress("/api/v1/ws", queryNames: ["clientId", "protocol"]), needsUser: false,
        greeting: .welcome, rooms: [.user], acknowledges: true, tooManyConnections: .connectionFailed)

    /// The messages for `message`. A bad token at connect gets both errors: the document's client handles 1001, its
    /// example shows 40100.
    public static func encode(_ message: ServerMessage, stamp: MessageStamp) -> [[UInt8]] {
        switch message {
        case .welcome(let clientID, _):
            return [connect(clientID, stamp)]
        case .subscribed(let channel, let position, let recovered, let request):
            return [
                acknowledgement(of: channel, true, request, stamp) { writer in
                    writer.subscription(position: position, recovered: recovered)
                }
            ]
        case .unsubscribed(let channel, let request):
            return [acknowledgement(of: channel, false, request, stamp) { _ in }]
        case .unsubscribedTopic(let topic, let request):
            return [acknowledgement(ofTopic: topic, request, stamp)]
        case .pong:
            return [heartbeat(stamp)]
        case .authenticationFailed(let fault, _):
            return [
                error(tokenInvalid, "Token invalid", envelope("error", stamp)) { writer in
                    writer.key("reason")
                    writer.integer(fault.code.number)
                },
                error(fault.code.number, fault.message, envelope("error", stamp, number: 2), details: nil),
            ]
        case .fault(let fault, let request):
            return [self.fault(fault, request, stamp)]
        case .closing(let code, let reason):
            return [disconnect(code, reason, stamp)]
        case .delivery(let delivery):
            return TopicsDelivery.encode(delivery, stamp: stamp)
        case .missed(let channel, let count, let position):
            return [missed(channel, count, position, stamp)]
        case .authenticated, .connected, .heartbeat, .taskUpdate:
            return []
        }
    }

    /// Several messages as one.
    public static func batch(_ messages: [[UInt8]], stamp: MessageStamp) -> [[UInt8]] {
        let batch = envelope("batch", stamp).encode(capacity: JSONWriter.batchCapacity(messages)) { writer in
            writer.beginObject()
            writer.updates(messages)
            writer.endObject()
        }
        return [batch]
    }

    /// The id of an event's message, the same wherever and whenever it is sent; nil for an event without a position,
    /// and for a state that one altered.
    public static func messageID(of delivery: Delivery) -> String? {
        guard let position = delivery.position, !delivery.isAltered else { return nil }
        let suffix = delivery.isSnapshot ? ":state" : ""
        return "msg_\(delivery.channel.text):\(position.epoch):\(position.sequence)\(suffix)"
    }

    /// A bad token at connect, beside 1001.
    private static let tokenInvalid = 40100

    private static func connect(_ clientID: String, _ stamp: MessageStamp) -> [UInt8] {
        envelope("connect", stamp).encode { writer in
            writer.beginObject()
            writer.key("clientId")
            writer.string(clientID)
            writer.key("serverTime")
            writer.integer(stamp.now)
            writer.endObject()
        }
    }

    private static func disconnect(_ code: UInt16, _ reason: String, _ stamp: MessageStamp) -> [UInt8] {
        envelope("disconnect", stamp).encode { writer in
            writer.beginObject()
            writer.key("code")
            writer.integer(Int64(code))
            writer.key("reason")
            writer.string(reason)
            writer.endObject()
        }
    }

    private static func heartbeat(_ stamp: MessageStamp) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.beginObject()
        writer.type(.fixed("heartbeat"))
        writer.key("timestamp")
        writer.integer(stamp.now)
        writer.endObject()
        return writer.bytes
    }

    private static func acknowledgement(
        of channel: ChannelName, _ subscribed: Bool, _ request: RequestID?, _ stamp: MessageStamp,
        _ more: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        envelope("ack", stamp).encode { writer in
            writer.beginObject()
            writer.request(request)
            writer.subscription(to: channel)
            writer.key("subscribed")
            writer.bool(subscribed)
            more(&writer)
            writer.endObject()
        }
    }

    private static func acknowledgement(
        ofTopic topic: String, _ request: RequestID?, _ stamp: MessageStamp
    ) -> [UInt8] {
        envelope("ack", stamp).encode { writer in
            writer.beginObject()
            writer.request(request)
            writer.key("topic")
            writer.string(topic)
            writer.key("subscribed")
            writer.bool(false)
            writer.endObject()
        }
    }

    /// The position is beside the events' numbers, and again in the data, which clients' handlers read.
    private static func missed(
        _ channel: ChannelName, _ count: UInt64, _ position: Position, _ stamp: MessageStamp
    ) -> [UInt8] {
        var envelope = envelope("missed", stamp)
        envelope.subscription = channel
        envelope.missed = (count, position)
        return envelope.encode { writer in
            writer.beginObject()
            writer.missed(count)
            writer.endObject()
        }
    }

    private static func fault(_ fault: Fault, _ request: RequestID?, _ stamp: MessageStamp) -> [UInt8] {
        let subject = fault.subject.flatMap { $0.isPersonal ? nil : $0 }
        guard request != nil || subject != nil else {
            return error(fault.code.number, fault.message, envelope("error", stamp), details: nil)
        }
        return error(fault.code.number, fault.message, envelope("error", stamp)) { writer in
            writer.request(request)
            if let subject { writer.subscription(to: subject) }
        }
    }

    private static func error(
        _ code: Int, _ message: String, _ envelope: TopicsEnvelope, details: ((inout JSONWriter) -> Void)?
    ) -> [UInt8] {
        envelope.encode { writer in
            writer.beginObject()
            writer.key("code")
            writer.integer(code)
            writer.key("message")
            writer.string(message)
            if let details {
                writer.key("details")
                writer.beginObject()
                details(&writer)
                writer.endObject()
            }
            writer.endObject()
        }
    }

    private static func envelope(_ type: StaticString, _ stamp: MessageStamp, number: Int = 1) -> TopicsEnvelope {
        TopicsEnvelope(type: .fixed(type), timestamp: stamp.now, messageID: .stamped(stamp, number: number))
    }
}

extension JSONWriter {
    /// The request that this answers.
    fileprivate mutating func request(_ request: RequestID?) {
        guard let id = request?.raw else { return }
        key("messageId")
        raw(id)
    }
}
