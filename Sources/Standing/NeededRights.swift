import Events
package import RESP
package import Store

/// The rights that a node's user needs in Redis, as commands to check: to follow channels, to publish to them, and all
/// commands of the node's scripts.
package struct NeededRights {
    /// The commands, with a key or channel of each family. Their names are no real task's.
    package let commands: [[String]]

    /// The channels of tasks and topics.
    private let eventChannels: [String]

    private static let name = "fantail-check"
    /// Denied commands that are named in a line.
    private static let named = 6

    /// The rights for all scripts of a node.
    package init(_ naming: Naming) { self.init(naming, scripts: Scripts.all.map(\.text)) }

    init(_ naming: Naming, scripts: [String]) {
        let presence = PresenceKeys(naming)
        eventChannels = ["task:", "topic:"].map { naming.channel($0 + Self.name) }
        let channels =
            eventChannels + ["user:", "team:"].map { naming.channel($0 + Self.name) }
            + [naming.channel(ChannelName.everyone.text), presence.control(of: Self.name)]
        let task = naming.key(ofTask: Self.name, "m")
        let keys = [naming.key(ofTask: Self.name, "h"), naming.key(ofTopic: Self.name, "m"), presence.base + "nodes"]
        let own = [
            ["EVAL", "", "1", task], ["EVALSHA", "", "1", task], ["SCRIPT", "LOAD", ""], ["INFO", "server"],
            ["HGETALL", task], ["SRANDMEMBER", task], ["SREM", task, ""], ["SCAN", "0"],
        ]
        commands =
            channels.flatMap { [["SUBSCRIBE", $0], ["PUBLISH", $0, ""]] } + own
            + Self.calls(in: scripts).map { $0.count == 1 ? $0 + [task] : $0 }
            + keys.flatMap { [["HSET", $0, "", ""], ["DEL", $0]] }
    }

    /// The commands to check: all of ``commands``, and those that a cluster needs, where the Redis is one.
    package func commands(inCluster pubSub: ClusterPubSub?) -> [[String]] {
        guard let pubSub else { return commands }
        let all = commands + [["CLUSTER", "SLOTS"], ["ASKING"]]
        guard pubSub.isSharded else { return all }
        return all + [["CLUSTER", "NODES"]]
            + eventChannels.flatMap { [["SSUBSCRIBE", $0], ["SUNSUBSCRIBE", $0], ["SPUBLISH", $0, ""]] }
    }

    /// The commands by which the events of tasks and topics are published in a cluster.
    package func toPublish(by pubSub: ClusterPubSub) -> [[String]] {
        eventChannels.map { [pubSub.command, $0, ""] }
    }

    /// The commands of scripts, each once: one word, or two where the second is part of the name. PUBLISH and
    /// SPUBLISH take channels, not keys.
    static func calls(in scripts: [String]) -> [[String]] {
        var found: Set<[String]> = []
        for text in scripts {
            for start in ["redis.call('", "redis.pcall('"] {
                for call in text.pieces(after: start) {
                    let words = call.prefix { $0 != ")" }.split(separator: "'", omittingEmptySubsequences: false)
                    guard let name = words.first.map(String.init), name != "PUBLISH", name != "SPUBLISH" else {
                        continue
                    }
                    found.insert(name == "PUBSUB" && words.count > 2 ? [name, String(words[2])] : [name])
                }
            }
        }
        return found.sorted { $0.joined() < $1.joined() }
    }

    /// Denied commands in a line: the first of them, and how many more.
    package static func summary(_ denied: [String]) -> String {
        let first = denied.prefix(named).map { String($0.filter { $0 != "\n" }.prefix(100)) }.joined(separator: ", ")
        return denied.count <= named ? first : first + " and \(denied.count - named) more"
    }
}

extension String {
    /// The texts after each `start`.
    fileprivate func pieces(after start: String) -> [Substring] {
        var pieces: [Substring] = []
        var rest = self[...]
        while let found = rest.firstRange(of: start) {
            rest = rest[found.upperBound...]
            pieces.append(rest)
        }
        return pieces
    }
}

extension Naming {
    fileprivate func key(ofTask name: String, _ suffix: String) -> String { key("task:" + name, suffix) }
    fileprivate func key(ofTopic name: String, _ suffix: String) -> String { key("topic:" + name, suffix) }
    private func key(_ channel: String, _ suffix: String) -> String {
        keyPrefix + ":{" + self.channel(channel) + "}:" + suffix
    }
}
