/// The keys of a bucket of presence in Redis. All begin with one base, `ft:{online}:` or, for further buckets,
/// `ft:{online:1}:` and so on, and so share a hash slot:
///
/// | key | type | content |
/// | --- | --- | --- |
/// | `nodes` | sorted set | incarnation -> last heartbeat, Redis ms |
/// | `dead` | sorted set | incarnations that are being taken out |
/// | `i:<incarnation>` | hash | node id, loop, version, start |
/// | `n:<incarnation>` | hash | user -> connections on that loop: what is taken out when it dies |
/// | `nc` | hash | incarnation -> connections; `*`: all |
/// | `u` | hash | user -> connections in the whole cluster; its length is the online count |
/// | `x` | sorted set | online users, all of score 0: the order of pages |
/// | `s` | hash | online user -> what the user said to be, where not simply online |
/// | `w` | sorted set | users without a connection whose going is not announced yet -> when it is due |
/// | `off` | sorted set | offline users -> when last seen; the newest 100,000 |
/// | `t` | hash | online user -> when it said so, Redis ms |
/// | `r:<incarnation>` | set | tasks' hashes of viewers that may count viewers of that loop; in the first bucket |
/// | `meta` | hash | `hb` last heartbeat of anybody, `grace` nobody is taken out before, `v` announcements so far, `quiet` comings and goings that were not announced |
///
/// A task's viewers are in a hash beside the task's other keys: incarnation -> viewers.
public struct PresenceKeys: Equatable, Sendable {
    /// `ft:{online}:`, or `ft:{online:1}:` and so on.
    public let base: String
    /// The part before the incarnation in the name of a control channel: the same for all buckets, so that one right
    /// covers them.
    let controlStart: String

    /// The keys of the first bucket, or the one with this number, for both prefixes: systems that share a Redis by either
    /// are counted apart.
    public init(keyPrefix: String, channelPrefix: String = "", bucket: Int = 0) {
        let start = keyPrefix + ":{" + channelPrefix + "online"
        base = start + (bucket == 0 ? "" : ":\(bucket)") + "}:"
        controlStart = start + "}:node:"
    }

    /// The keys that go with this naming.
    public init(_ naming: Naming, bucket: Int = 0) {
        self.init(keyPrefix: naming.keyPrefix, channelPrefix: naming.channelPrefix, bucket: bucket)
    }

    /// The channel for one loop alone: requests to close a user's connections. Its subscription is also a sign of life.
    public func control(of incarnation: String) -> String { controlStart + incarnation }

    /// The key with this suffix in the table.
    func key(_ suffix: String) -> String { base + suffix }

    /// The keys that every script that changes counts begins with (`Presence.lua`), in its order.
    var shared: [String] { ["nodes", "dead", "meta", "nc", "u", "x", "s", "t", "w", "off"].map(key) }

    /// A loop's users and their connections.
    func users(of incarnation: String) -> String { key("n:" + incarnation) }
    /// The tasks' hashes of viewers that may count viewers of a loop.
    func rooms(of incarnation: String) -> String { key("r:" + incarnation) }
    /// The node and version of a loop.
    func about(_ incarnation: String) -> String { key("i:" + incarnation) }
}
