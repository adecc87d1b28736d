import Events
import JSON

extension JSONObject {
    /// The position a client resumes from: nil unless both of its fields are there, a word and a number. A number that counts
    /// no events, such as -1 or 1.5, is out of reach, as one is that no channel has come to.
    var position: Position? {
        guard let epoch = self["epoch"]?.string, Identifier.isValid(epoch.utf8), let sequence = self["sequence"],
            sequence.kind == .number
        else { return nil }
        return Position(epoch: epoch, sequence: sequence.integer.flatMap { UInt64(exactly: $0) } ?? .max)
    }

    /// The task named by the field `key`; `path` is what the client is told about it.
    func task(_ key: StaticString, path: String) throws(Fault) -> ChannelName {
        guard let value = self[key], !value.isNull else { throw Fault(.invalidMessage, "\(path) is missing") }
        return try value.task(path: path)
    }
}

extension JSONValue {
    /// The task whose id the value is.
    func task(path: String) throws(Fault) -> ChannelName {
        guard let text = string else { throw Fault(.invalidMessage, "\(path) is not a string") }
        guard let id = Identifier(text) else {
            throw Fault(.invalidMessage, "\(path) is not an id: \(Identifier.rule)")
        }
        return .task(id)
    }
}

extension Fault {
    /// A message without a type, or with one that is no string.
    static let typeMissing = Fault(.invalidMessage, "type is missing, or is not a string")

    /// A message of a type the dialect does not have.
    static func unknownType(_ type: String) -> Fault {
        Fault(.unknownMessageType, "Unknown message type: \(type.cut)")
    }
}
