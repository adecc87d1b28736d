public import Events
import Dialects

/// Tells a person something once, by the name that its sender gave it. Without a name a plain PUBLISH does: a notification
/// is live, and nothing of it is kept.
public enum NotificationScript {
    /// The script's text. `KEYS`: where it is remembered. `ARGV`: channel, message, what the message was made of, its id.
    /// Answers `['', id, receivers]`, said before under the same name as it was answered then; MISMATCH where something else was.
    public static let text =
        "#!lua\n" + PublishCore.rightsLua + PublishScript.once + #"""


            return once(KEYS[1], {ARGV[1], ARGV[3]}, function()
                return {'', tonumber(ARGV[4]), redis.call('PUBLISH', ARGV[1], ARGV[2])}
            end)
            """#

    /// The keys of a call.
    public static func keys(_ name: String, of user: Identifier, naming: Naming) -> [String] {
        [naming.idempotencyKey(name, of: .user(user))]
    }

    /// The arguments of a call: `text` with its `id` was made of `source`.
    public static func arguments(
        _ text: [UInt8], id: Int64, source: [UInt8], to user: Identifier, naming: Naming
    ) -> [[UInt8]] {
        [Array(naming.channel(ChannelName.user(user).text).utf8), text, source, Array("\(id)".utf8)]
    }
}
