import Examples
import JSON

@testable import Events
@testable import Dialects

/// Clients' messages, in each dialect.
enum DialectFuzz {
    static func target(_ name: DialectName) -> FuzzTarget {
        FuzzTarget(name: "\(name)", seeds: { Examples.fromClient("\(name)").map { Array($0.utf8) } }) { input in
            let parser = JSONParser(maxBytes: 65_536)
            guard let message = try? parser.object(input) else { return }
            let outcome = decode(message, name, parser)
            answer(outcome, name, parser)
            guard let value = try? parser.value(input),
                let plain = try? parser.object(JSONFuzz.rewritten(value, parser))
            else { fatalError("an object that is no value") }
            let again = decode(plain, name, parser)
            demand(gist(again, parser) == gist(outcome, parser), "said plainly: \(again), as it came: \(outcome)")
        }
    }

    private static func decode(
        _ message: JSONObject, _ name: DialectName, _ parser: JSONParser
    ) -> Result<ClientCommand, DialectFault> {
        do throws(DialectFault) {
            return .success(try name.dialect.decode(message, parser: parser))
        } catch {
            return .failure(error)
        }
    }

    /// The answer is one JSON object, with the request's id unchanged.
    private static func answer(
        _ outcome: Result<ClientCommand, DialectFault>, _ name: DialectName, _ parser: JSONParser
    ) {
        let answer: ServerMessage
        switch outcome {
        case .success(let command):
            check(command, parser)
            answer = .pong(request: command.request)
        case .failure(let error):
            demand(error.fault.message.utf8.count <= 512, "a long complaint: \(error.fault.message)")
            answer = .fault(error.fault, request: error.request)
        }
        for text in name.dialect.encode(answer, stamp: MessageStamp(now: 0, origin: "o", serial: 1)) {
            guard let object = try? parser.object(text) else { fatalError("the answer is no JSON object") }
            demand(object["type"]?.kind == .string, "the answer has no type")
        }
    }

    private static func check(_ command: ClientCommand, _ parser: JSONParser) {
        switch command {
        case .subscribe(let channel, _, _), .unsubscribe(let channel, _):
            checkName(channel)
        case .requestStatus(let channels, _):
            demand((1...EventLimits.maxStatusRequestIDs).contains(channels.count), "\(channels.count) ids")
            demand(Set(channels).count == channels.count, "an id twice")
            channels.forEach(checkName)
        case .typing(_, let json), .presence(_, let json):
            demand(json.map { $0.count <= EventLimits.maxAttachedBytes } != false, "much attached")
            demand(json.map { (try? parser.value($0)) != nil } != false, "attached what is no JSON")
        case .chat(_, let message, _):
            demand((1...EventLimits.maxChatBytes).contains(message.utf8.count), "\(message.utf8.count) bytes of chat")
        case .authenticate, .unsubscribeTopic, .ping, .acknowledge, .disconnect: break
        }
    }

    /// The name is valid in Redis, and a topic's gives back its topic.
    private static func checkName(_ channel: ChannelName) {
        demand(ChannelName(channel.text) == channel && Identifier(channel.id) != nil, "no channel: \(channel)")
        guard channel.kind == .topic else { return }
        guard let name = TopicName(channel) else { fatalError("no topic: \(channel)") }
        var writer = JSONWriter(capacity: 64)
        writer.beginObject()
        for param in name.params {
            writer.key(param.key)
            writer.string(param.value)
        }
        writer.endObject()
        let params = try? JSONParser(maxBytes: 65_536).object(writer.bytes)
        demand((try? TopicName(name.topic, params: params)) == name, "topic and params of \(channel) make another")
    }

    /// The command, without values that are passed on as written.
    private static func gist(_ outcome: Result<ClientCommand, DialectFault>, _ parser: JSONParser) -> String {
        func plain(_ json: [UInt8]?) -> [UInt8]? {
            json.map { bytes in (try? parser.value(bytes)).map { JSONFuzz.rewritten($0, parser) } ?? bytes }
        }
        switch outcome {
        case .failure(let error): return "\(error.fault), \(error.request != nil)"
        case .success(.authenticate(let token, let wantsBatches, _)): return "authenticate \(token) \(wantsBatches)"
        case .success(.subscribe(let channel, let since, _)): return "subscribe \(channel) \(String(describing: since))"
        case .success(.unsubscribe(let channel, _)): return "unsubscribe \(channel)"
        case .success(.unsubscribeTopic(let topic, _)): return "unsubscribe all \(topic)"
        case .success(.requestStatus(let channels, _)): return "status \(channels)"
        case .success(.ping(let request)): return "ping \(request != nil)"
        case .success(.typing(let isTyping, let context)): return "typing \(isTyping) \(plain(context) ?? [])"
        case .success(.presence(let status, let data)): return "presence \(status) \(plain(data) ?? [])"
        case .success(let command): return "\(command)"
        }
    }
}
