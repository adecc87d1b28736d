import Events
public import JSON

extension TasksDialect {
    /// Reads the command in `message`.
    public static func decode(_ message: JSONObject, parser: JSONParser) throws(DialectFault) -> ClientCommand {
        let request = RequestID(message["id"])
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
        let payload = message["payload"]?.object(parser)
        switch type {
        case "auth":
            let wantsBatches = payload?["batch"]?.bool ?? message["batch"]?.bool ?? false
            let token = payload?["token"]?.string ?? ""
            return .authenticate(token: token, wantsBatches: wantsBatches, request: request)
        case "subscribe_task":
            return .subscribe(try video(payload), since: payload?.position, request: request)
        case "unsubscribe_task":
            return .unsubscribe(try video(payload), request: request)
        case "requestTaskStatus":
            return .requestStatus([try video(payload)], request: request)
        case "requestMultipleTaskStatus":
            return .requestStatus(try videos(payload), request: request)
        case "ping":
            return .ping(request: request)
        default:
            throw .unknownType(type)
        }
    }

    private static func video(_ payload: JSONObject?) throws(Fault) -> ChannelName {
        guard let payload else { throw Fault(.invalidMessage, "payload.videoId is missing") }
        return try payload.task("videoId", path: "payload.videoId")
    }

    /// The tasks of a request for many, each once.
    private static func videos(_ payload: JSONObject?) throws(Fault) -> [ChannelName] {
        guard let list = payload?["videoIds"]?.elements, !list.isEmpty else {
            throw Fault(.invalidMessage, "payload.videoIds is not a list of ids")
        }
        guard list.count <= EventLimits.maxStatusRequestIDs else {
            throw Fault(
                .invalidMessage,
                "payload.videoIds has \(list.count) ids; at most \(EventLimits.maxStatusRequestIDs) are accepted")
        }
        var channels: [ChannelName] = []
        for (index, value) in list.enumerated() {
            let channel = try value.task(path: "payload.videoIds[\(index)]")
            if !channels.contains(channel) { channels.append(channel) }
        }
        return channels
    }
}
