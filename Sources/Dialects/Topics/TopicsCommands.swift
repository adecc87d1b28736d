import Events
public import JSON

extension TopicsDialect {
    /// Reads the command in `message`. The request's id is its `messageId`.
    public static func decode(_ message: JSONObject, parser: JSONParser) throws(DialectFault) -> ClientCommand {
        let request = RequestID(message["messageId"])
        do throws(Fault) {
            return try command(message, request: request, parser: parser)
        } catch {
            throw DialectFault(error, request: request)
        }
    }

    private static func command(
        _ message: JSONObject, request: RequestID?, parser: JSONParser
    ) throws(Fault) -> ClientCommand {
        guard let type = message["type"]?.string else { throw .typeMissing }
        let data = message["data"]?.object(parser)
        switch type {
        case "subscribe":
            return .subscribe(try name(data, parser).channel, since: data?.position, request: request)
        case "unsubscribe":
            guard let params = data?["params"], !params.isNull else {
                return .unsubscribeTopic(try wholeTopic(data), request: request)
            }
            return .unsubscribe(try name(data, parser).channel, request: request)
        case "heartbeat":
            return .ping(request: request)
        case "ack":
            guard let id = data?["messageId"]?.string, !id.isEmpty else {
                throw Fault(.invalidMessage, "data.messageId is missing")
            }
            return .acknowledge(messageID: id)
        case "disconnect":
            return .disconnect
        case "connect", "error", "notification", "status", "data":
            throw Fault(.invalidOperation, "\(type) is said by the server only")
        default:
            throw .unknownType(type)
        }
    }

    private static func topic(_ data: JSONObject?) throws(Fault) -> String {
        guard let topic = data?["topic"]?.string, !topic.isEmpty else {
            throw Fault(.invalidMessage, "data.topic is missing")
        }
        return topic
    }

    /// A topic with any params.
    private static func wholeTopic(_ data: JSONObject?) throws(Fault) -> String {
        let topic = try topic(data)
        guard TopicName.isTopic(topic) else {
            throw Fault(.invalidMessage, "data.topic is not an id without ?: \(Identifier.rule)")
        }
        return topic
    }

    private static func name(_ data: JSONObject?, _ parser: JSONParser) throws(Fault) -> TopicName {
        let topic = try topic(data)
        guard let params = data?["params"], !params.isNull else { return try TopicName(topic, params: nil) }
        guard let object = params.object(parser) else {
            throw Fault(.invalidMessage, "data.params is not an object")
        }
        return try TopicName(topic, params: object)
    }
}
