import Events
public import JSON

extension PresenceDialect {
    /// Reads the command in `message`. Requests have no id here.
    public static func decode(_ message: JSONObject, parser: JSONParser) throws(DialectFault) -> ClientCommand {
        do throws(Fault) {
            return try command(message, parser: parser)
        } catch {
            throw DialectFault(error, request: nil)
        }
    }

    private static func command(_ message: JSONObject, parser: JSONParser) throws(Fault) -> ClientCommand {
        guard let type = message["type"]?.string else { throw .typeMissing }
        switch type {
        case "ping": return .ping(request: nil)
        case "typing": return try typing(message["data"]?.object(parser))
        case "presence": return try presence(message)
        case "message": return try chat(message)
        default: throw .unknownType(type)
        }
    }

    private static func typing(_ data: JSONObject?) throws(Fault) -> ClientCommand {
        guard let isTyping = data?["is_typing"]?.bool else {
            throw Fault(.invalidMessage, "data.is_typing must be true or false")
        }
        return .typing(isTyping: isTyping, context: try attached(data?["context"], "data.context"))
    }

    private static func presence(_ message: JSONObject) throws(Fault) -> ClientCommand {
        guard let status = message["status"]?.string.flatMap(PresenceStatus.init) else {
            let words = PresenceStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw Fault(.invalidMessage, "status must be one of \(words)")
        }
        return .presence(status, data: try attached(message["data"], "data"))
    }

    /// A value of the client's own, passed on to others unchanged.
    private static func attached(_ value: JSONValue?, _ path: String) throws(Fault) -> [UInt8]? {
        guard let value else { return nil }
        guard value.raw.count <= EventLimits.maxAttachedBytes else {
            throw Fault(.messageTooLarge, "\(path) has more than \(EventLimits.maxAttachedBytes) bytes")
        }
        return Array(value.raw)
    }

    private static func chat(_ message: JSONObject) throws(Fault) -> ClientCommand {
        let recipient = message["to_user_id"]
        guard let to = Identifier(recipient?.string ?? recipient?.integer?.description ?? "") else {
            throw Fault(.invalidMessage, "to_user_id is not a user's id")
        }
        guard let text = message["message"]?.string, !text.isEmpty else {
            throw Fault(.invalidMessage, "message must be a string that is not empty")
        }
        guard text.utf8.count <= EventLimits.maxChatBytes else {
            throw Fault(.messageTooLarge, "message has more than \(EventLimits.maxChatBytes) bytes")
        }
        return .chat(to: to, message: text, time: message["timestamp"].flatMap(Timestamp.milliseconds))
    }
}
