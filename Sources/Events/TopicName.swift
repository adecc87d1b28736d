import Base
public import JSON

/// A topic with its params, and its channel.
///
/// The channel is `topic:<name>`, with params `topic:<name>?k=v&…`: keys sorted by their bytes, both sides
/// percent-encoded except `A-Z a-z 0-9 - . _ ~` (RFC 3986 2.3), scalars only. So the same params in any order name the
/// same channel. Numbers and booleans become strings as written: `1` and `1.0` are two channels.
/// written as they came: `1` and `1.0` are two channels.
public struct TopicName: Hashable, Sendable {
    /// The topic whose params `{"taskId": …}` name a task: its channel is the task's.
    public static let taskTopic = "task"
    private static let taskParam = "taskId"

    /// One param, as text.
    public struct Param: Hashable, Sendable {
        /// The name of the param, as in the client's message.
        public let key: String
        /// The value, decimal where the client sent a number.
        public let value: String
    }

    /// The topic's name.
    public let topic: String
    /// The params, sorted by their keys.
    public let params: [Param]
    /// The channel of its messages.
    public let channel: ChannelName

    /// The topic `topic` with the fields of `params`, or what is wrong with them.
    public init(_ topic: String, params object: JSONObject?) throws(Fault) {
        var params: [Param] = []
        for field in object?.fields.map({ $0 }) ?? [] {
            let key = field.key
            guard let value = Self.scalar(field.value) else {
                throw Fault(.invalidMessage, "params.\(key.cut) is not a string, a number or a boolean")
            }
            if !params.contains(where: { $0.key == key }) { params.append(Param(key: key, value: value)) }
        }
        try self.init(topic, params: params)
    }

    private init(_ topic: String, params: [Param]) throws(Fault) {
        self.topic = topic
        self.params = params.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        if topic == Self.taskTopic {
            guard let id = params.first(where: { $0.key == Self.taskParam }) else {
                throw Fault(.invalidMessage, "the topic task needs params.taskId")
            }
            guard let task = Identifier(id.value) else {
                throw Fault(.invalidMessage, "params.taskId is not an id: \(Identifier.rule)")
            }
            channel = .task(task)
            return
        }
        let list = self.params.map { PercentCoding.encode($0.key) + "=" + PercentCoding.encode($0.value) }.joined(
            separator: "&")
        guard Self.isTopic(topic), let id = Identifier(list.isEmpty ? topic : topic + "?" + list) else {
            throw Fault(
                .invalidMessage, "topic and params together are not an id without ? in the topic: \(Identifier.rule)")
        }
        channel = .topic(id)
    }

    /// The topic of a channel; nil for a channel that is neither a topic's nor a task's.
    public init?(_ channel: ChannelName) {
        self.channel = channel
        switch channel.kind {
        case .task:
            topic = Self.taskTopic
            params = [Param(key: Self.taskParam, value: channel.id)]
        case .topic:
            let parts = channel.id.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            topic = String(parts[0])
            params = parts.count < 2 ? [] : Self.parse(parts[1])
        case .user, .team, .everyone:
            return nil
        }
    }

    /// Whether `topic` is a valid name: an id without the mark where the params begin.
    package static func isTopic(_ topic: String) -> Bool {
        Identifier.isValid(topic.utf8) && !topic.utf8.contains(UInt8(ascii: "?"))
    }

    private static func scalar(_ value: JSONValue) -> String? {
        switch value.kind {
        case .string: value.string
        case .number, .bool: String(decoding: value.raw, as: UTF8.self)
        case .object, .array, .null: nil
        }
    }
}

extension TopicName {
    private static func parse(_ list: Substring) -> [Param] {
        list.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return Param(key: decode(sides[0]), value: sides.count > 1 ? decode(sides[1]) : "")
        }
    }

    /// Invalid percent-encoding stays unchanged: anybody may publish to any channel.
    private static func decode(_ text: Substring) -> String {
        String(decoding: PercentCoding.decodeLeniently(text.utf8), as: UTF8.self)
    }
}
