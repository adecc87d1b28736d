package import Dialects
package import Events
import JSON

/// A message from one user to another or to everyone, as Redis carries it: live, without a sequence.
package struct UserMessage {
    package let channel: ChannelName
    package let text: [UInt8]

    /// The message in `command`; nil where the command is no message to users.
    package init?(_ command: ClientCommand, from user: String, name: String, now: Int64) {
        switch command {
        case .chat(let to, let message, let time):
            channel = .user(to)
            text = Self.write("chat") { writer in
                writer.key("from_user_id")
                writer.string(user)
                writer.key("from_username")
                writer.string(name)
                writer.key("message")
                writer.string(message)
                writer.key("timestamp")
                writer.integer(time ?? now)
            }
        case .typing(let isTyping, let context):
            channel = .everyone
            text = Self.write("typing") { writer in
                writer.key("user_id")
                writer.string(user)
                writer.key("is_typing")
                writer.bool(isTyping)
                Self.write("context", context, to: &writer)
            }
        case .presence(let status, let data):
            channel = .everyone
            text = Self.write("presence") { writer in
                writer.key("user_id")
                writer.string(user)
                writer.key("status")
                writer.string(status.rawValue)
                Self.write("data", data, to: &writer)
            }
        default: return nil
        }
    }

    private static func write(_ type: StaticString, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.key("type")
        writer.string(type)
        body(&writer)
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ key: StaticString, _ json: [UInt8]?, to writer: inout JSONWriter) {
        guard let json else { return }
        writer.key(key)
        writer.raw(json)
    }
}
