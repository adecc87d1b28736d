import Base
public import Events

/// How channels and keys are spelled in Redis: the two prefixes that an operator may set.
public struct Naming: Equatable, Sendable {
    /// The start of every key, default `ft`.
    public var keyPrefix: String
    /// The start of every channel, default empty. Lets two systems share one Redis.
    public var channelPrefix: String

    /// Prefixes of 0 to 32 bytes of `[A-Za-z0-9._-]`, and `:` in a channel's; nil for any others.
    public init?(keyPrefix: String = "ft", channelPrefix: String = "") {
        guard Self.isPrefix(keyPrefix, colon: false), !keyPrefix.isEmpty, Self.isPrefix(channelPrefix, colon: true)
        else { return nil }
        self.keyPrefix = keyPrefix
        self.channelPrefix = channelPrefix
    }

    /// Both prefixes with their defaults.
    public static let standard = Naming()!

    /// A channel's name in Redis: `task:video_1` with the prefix.
    public func channel(_ name: String) -> String { channelPrefix + name }

    /// The name after the prefix, or nil for a channel without the prefix.
    public func name(ofChannel channel: Substring) -> Substring? {
        channel.hasPrefix(channelPrefix) ? channel.dropFirst(channelPrefix.count) : nil
    }

    /// The name of a channel of Redis; nil where it is none of Fantail's.
    package func channelName(_ channel: String) -> ChannelName? {
        name(ofChannel: channel[...]).flatMap { ChannelName(String($0)) }
    }

    /// Whether a channel of Redis is that of a task or topic.
    package func carriesEvents(_ channel: String) -> Bool { channelName(channel)?.isPersonal == false }

    /// Channels by which one loop proves that it hears a server, by number: those of tasks to which nobody publishes.
    package func proofChannels() -> (Int) -> String {
        let start = channel("task:fantail-proof-\(Incarnation.make())-")
        return { start + String($0) }
    }

    /// The hash of a task or topic. The braces put it into its channel's hash slot.
    public func metaKey(of channel: ChannelName) -> String { key(channel, "m") }

    /// The list of a task's or topic's newest envelopes.
    public func historyKey(of channel: ChannelName) -> String { key(channel, "h") }

    /// Remembers a batch by its idempotency key.
    public func idempotencyKey(_ name: String, of channel: ChannelName) -> String { key(channel, "i:" + name) }

    /// The number of a task's viewers, by loop.
    public func viewersKey(of channel: ChannelName) -> String { key(channel, "p") }

    /// What a user's client of `topics` has not acknowledged. The length keeps `a:b` and `c` apart from `a` and `b:c`.
    public func acknowledgementsKey(user: String, client: String) -> String {
        keyPrefix + ":{ack:\(user.utf8.count):\(channelPrefix)\(user):\(client)}"
    }

    /// A task's secrets: its third party and the API key. Not `<prefix>:{task:<id>}:…`: the ACL of workers may allow
    /// that pattern, and workers must not read secrets.
    public func secretKey(of channel: ChannelName) -> String {
        keyPrefix + ":secret:{" + self.channel(channel.text) + "}"
    }

    /// The node that asks a task's third party now. Outside the workers' pattern, too: they must not trigger requests.
    public func inquiryKey(of channel: ChannelName) -> String {
        keyPrefix + ":inquiry:{" + self.channel(channel.text) + "}"
    }

    /// When to ask each unfinished task's third party next: a sorted set of channels, by Redis milliseconds.
    public var dueInquiriesKey: String { keyPrefix + ":{" + channel("inquiries") + "}:due" }

    /// When to check next whether a task still lives, so that its secrets live as long: a sorted set of channels, by
    /// Redis milliseconds.
    public var dueSecretsKey: String { keyPrefix + ":{" + channel("secrets") + "}:due" }

    /// The secret of the tokens that development nodes accept.
    package var developmentSecretKey: String { keyPrefix + ":{dev}:secret" }

    /// The channel of `fantail check`: that of a task that no worker publishes to.
    package var checkChannel: String { channel("task:fantail-check") }

    /// The workers' Function and nodes' scripts announce here what all nodes must know of a task (``TaskAnnouncement``), and in a
    /// cluster that the master which takes a slot over has published to a task or topic: `moved ` and its channel.
    /// The name is that of a task with an empty id, which no task has, so workers may publish there.
    public var announcementsChannel: String { channel("task:") }

    private func key(_ name: ChannelName, _ suffix: String) -> String {
        keyPrefix + ":{" + channel(name.text) + "}:" + suffix
    }

    /// The Function library's name; other prefixes have other libraries, so that they do not overwrite each other.
    public var library: String { self == .standard ? "fantail" : "fantail_" + suffix }

    /// The Function that workers call (`FCALL`): `fantail_publish`, or `fantail_publish_app` for the key prefix `app`.
    public var publishFunction: String { self == .standard ? "fantail_publish" : "fantail_publish_" + suffix }

    /// The Function that tells the library's version.
    package var versionFunction: String { publishFunction + "_version" }

    /// The prefix in Function names (`[A-Za-z0-9_]`, functions.c). A prefix that does not fit, one with a channel
    /// prefix, and one that would spell another's `…_version` end in a number, so that no two prefixes share a name.
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
