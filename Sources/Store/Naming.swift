import Base
public import Events

/// How channels and keys are spelled in Redis: the two prefixes that an operator may set.
public struct Naming: Equatable, Sendable {
    /// Before every key, default `ft`.
    public var keyPrefix: String
    /// Before every channel, default nothing. Lets two systems share one Redis.
    public var channelPrefix: String

    /// Prefixes of 0 to 32 bytes out of `[A-Za-z0-9._-]`, and `:` in a channel's; nil for any others.
    public init?(keyPrefix: String = "ft", channelPrefix: String = "") {
        guard Self.isPrefix(keyPrefix, colon: false), !keyPrefix.isEmpty, Self.isPrefix(channelPrefix, colon: true)
        else { return nil }
        self.keyPrefix = keyPrefix
        self.channelPrefix = channelPrefix
    }

    /// Both prefixes as they are by default.
    public static let standard = Naming()!

    /// A channel as Redis knows it: `task:video_1`, prefixed.
    public func channel(_ name: String) -> String { channelPrefix + name }

    /// The name behind the prefix, or nil for a channel that is not ours.
    public func name(ofChannel channel: Substring) -> Substring? {
        channel.hasPrefix(channelPrefix) ? channel.dropFirst(channelPrefix.count) : nil
    }

    /// The name of a channel as Redis knows it; nil where it is none of ours.
    package func channelName(_ channel: String) -> ChannelName? {
        name(ofChannel: channel[...]).flatMap { ChannelName(String($0)) }
    }

    /// The hash of a task or topic. The braces put it into its channel's hash slot.
    public func metaKey(of channel: ChannelName) -> String { key(channel, "m") }

    /// The list of a task's or topic's newest envelopes.
    public func historyKey(of channel: ChannelName) -> String { key(channel, "h") }

    /// Where a batch is remembered by the name that its publisher gave it.
    public func idempotencyKey(_ name: String, of channel: ChannelName) -> String { key(channel, "i:" + name) }

    /// How many watch a task, by loop.
    public func viewersKey(of channel: ChannelName) -> String { key(channel, "p") }

    /// What a user's client of `topics` has not acknowledged yet. The length keeps `a:b` and `c` apart from `a` and `b:c`.
    public func acknowledgementsKey(user: String, client: String) -> String {
        keyPrefix + ":{ack:\(user.utf8.count):\(channelPrefix)\(user):\(client)}"
    }

    /// What a task's third party is asked with, its key among it. Not `<prefix>:{task:<id>}:…`: that is the pattern that
    /// workers may have in their ACL, and this is none of theirs.
    public func secretKey(of channel: ChannelName) -> String {
        keyPrefix + ":secret:{" + self.channel(channel.text) + "}"
    }

    /// Who is asking a task's third party now. Outside the workers' pattern too, or they could have it asked at will.
    public func inquiryKey(of channel: ChannelName) -> String {
        keyPrefix + ":inquiry:{" + self.channel(channel.text) + "}"
    }

    /// When each unfinished task's third party is to be asked next: a sorted set of channels, by Redis milliseconds.
    public var dueInquiriesKey: String { keyPrefix + ":{" + channel("inquiries") + "}:due" }

    /// When it is to be seen next whether a task still lives, for its secrets to live as long: a sorted set of channels, by
    /// Redis milliseconds.
    public var dueSecretsKey: String { keyPrefix + ":{" + channel("secrets") + "}:due" }

    /// Where workers' Function and nodes' scripts say that a task with a third party runs again, since it was restarted: the
    /// message is the task's channel. It is spelled like the channel of a task whose name is empty, which no task's is: so
    /// workers may publish there.
    public var restartsChannel: String { channel("task:") }

    private func key(_ name: ChannelName, _ suffix: String) -> String {
        keyPrefix + ":{" + channel(name.text) + "}:" + suffix
    }

    /// The Function library's name; other prefixes get libraries of their own, so that they do not overwrite each other.
    public var library: String { self == .standard ? "fantail" : "fantail_" + suffix }

    /// The Function that workers call (`FCALL`): `fantail_publish`, or `fantail_publish_app` for the key prefix `app`.
    public var publishFunction: String { self == .standard ? "fantail_publish" : "fantail_publish_" + suffix }

    /// The prefix as Function names can have it (`[A-Za-z0-9_]`, functions.c). What does not fit, a channel prefix beside
    /// it, and what would be spelled like another's `…_version` end in a number, so that no two prefixes have one name.
    private var suffix: String {
        func isPlain(_ letter: Character) -> Bool { letter == "_" || letter.isLetter || letter.isNumber }
        let isAsItIs = channelPrefix.isEmpty && keyPrefix.allSatisfy(isPlain)
        if isAsItIs, keyPrefix != "version", !keyPrefix.hasSuffix("_version") { return keyPrefix }
        let both = channelPrefix.isEmpty ? keyPrefix : keyPrefix + "_" + channelPrefix
        return String(both.map { isPlain($0) ? $0 : "_" }) + "_" + Self.digest(keyPrefix + "/" + channelPrefix)
    }

    /// FNV-1a of 32 bits, as eight hexadecimal digits.
    private static func digest(_ text: String) -> String {
        let digits = String(FNV1a.hash32(text.utf8), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func isPrefix(_ text: String, colon: Bool) -> Bool {
        text.utf8.count <= 32
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
                case UInt8(ascii: ":"): colon
                default: false
                }
            }
    }
}
