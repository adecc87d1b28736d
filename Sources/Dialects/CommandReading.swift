import Events
import JSON

extension JSONObject {
    /// The position from which a client resumes: nil unless both of its fields are present, a string and a number. A
    /// number that is no count of events, such as -1 or 1.5, is out of reach, like one beyond the channel's last.
    var position: Position? {
        guard let epoch = self["epoch"]?.string, Identifier.isValid(epoch.utf8), let sequence = self["sequence"],
            sequence.kind == .number
        else { return nil }
        return Position(epoch: epoch, sequence: sequence.integer.flatMap { UInt64(exactly: $0) } ?? .max)
    }

    /// The task in the field `key`; `path` names the field in the client's error.
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
    /// The fault of a message without a type, or with one that is no string.
    static let typeMissing = Fault(.invalidMessage, "type is missing, or is not a string")

    /// The fault of a message whose type the dialect does not have.
    static func unknownType(_ type: String) -> Fault {
        Fault(.unknownMessageType, "Unknown message type: \(type.cut)")
    }
}
