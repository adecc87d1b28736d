import Access
import Events
import Testing
import Token

@Suite("WatchRule")
struct WatchRuleTests {
    /// Each claim that matters to a caller, beside one that does not.
    private static let callers: [String: Claims] = [
        "nobody in particular": Claims(user: "u", scopes: ["publish", "admin"], tasks: ["other", "t1x", ""]),
        "the owner": Claims(user: "o"),
        "names the task": Claims(user: "u", tasks: ["x", "t1"]),
        "names a prefix": Claims(user: "u", tasks: ["t*"]),
        "names all by a star": Claims(user: "u", tasks: ["*"]),
        "has the scope": Claims(user: "u", scopes: ["tasks:*"]),
        "names the topic": Claims(user: "u", topics: ["t1"]),
        "names topics": Claims(user: "u", topics: ["t*"]),
    ]

    /// The callers that may watch the task `t1` of the owner `o` under each rule.
    private static let tasks: [(WatchRule, Set<String>)] = [
        (.open, Set(callers.keys)),
        (.claims, ["names the task", "names a prefix", "names all by a star", "has the scope"]),
        (.owner, ["names the task", "names a prefix", "names all by a star", "has the scope", "the owner"]),
    ]

    @Test("every caller under every rule, for a task", arguments: tasks)
    func task(_ rule: WatchRule, _ admitted: Set<String>) throws {
        let channel = try #require(ChannelName("task:t1"))
        for (name, claims) in Self.callers {
            #expect(rule.admits(claims, to: channel, owner: "o") == admitted.contains(name), "\(name)")
            // No caller is the owner of a task that has none, or whose owner is not known.
            let isAdmitted = admitted.contains(name) && (rule == .open || name != "the owner")
            #expect(rule.admits(claims, to: channel, owner: nil) == isAdmitted, "\(name), no owner")
        }
    }

    /// The callers that may watch the topic `t1`, with any params, under each rule.
    private static let topics: [(WatchRule, Set<String>)] = [
        (.open, Set(callers.keys)), (.claims, ["names the topic", "names topics"]),
        (.owner, ["names the topic", "names topics"]),
    ]

    @Test("every caller under every rule, for a topic with and without params", arguments: topics)
    func topic(_ rule: WatchRule, _ admitted: Set<String>) throws {
        for text in ["topic:t1", "topic:t1?a=1", "topic:t1?x=t2"] {
            let channel = try #require(ChannelName(text))
            for (name, claims) in Self.callers {
                #expect(rule.admits(claims, to: channel, owner: "o") == admitted.contains(name), "\(name): \(text)")
            }
        }
    }

    @Test("a topic's params open nothing")
    func params() throws {
        let claims = Claims(user: "u", topics: ["t1?a=1", "t1?*"])
        #expect(!WatchRule.claims.admits(claims, to: try #require(ChannelName("topic:t1?a=1")), owner: nil))
    }

    @Test(
        "nobody follows a channel of people by its name, but where all may",
        arguments: ["user:u", "team:u", "everyone"])
    func personal(_ text: String) throws {
        let channel = try #require(ChannelName(text))
        let claims = Claims(user: "u", teams: ["u"], scopes: ["tasks:*"], tasks: ["*"], topics: ["*"])
        for rule in [WatchRule.claims, .owner] { #expect(!rule.admits(claims, to: channel, owner: "u")) }
    }

    @Test(
        "a star covers what begins so, and stands at the end only",
        arguments: [
            ("a*", "a", true), ("a*", "abc", true), ("a*", "b", false), ("a", "ab", false), ("*a", "ba", false),
            ("*a", "*a", true), ("a*b", "a*b", true), ("a*b", "axb", false), ("**", "*x", true), ("**", "x", false),
        ])
    func stars(_ listed: String, _ id: String, _ isCovered: Bool) throws {
        let channel = try #require(ChannelName("task:\(id)"))
        #expect(WatchRule.claims.admits(Claims(user: "u", tasks: [listed]), to: channel, owner: nil) == isCovered)
    }

    @Test("only the rule of owners needs the owner")
    func needs() { #expect(WatchRule.allCases.filter(\.needsOwner) == [.owner]) }

    @Test("callers without claims may watch all, whatever the rule", arguments: WatchRule.allCases)
    func withoutClaims(_ rule: WatchRule) throws {
        let channel = try #require(ChannelName("task:t1"))
        for identity in [Identity.anonymous, .demo] {
            #expect(identity.mayWatch(channel, owner: "o", rule: rule))
        }
        for caller in [Caller.operatorKey, .demo] { #expect(caller.mayWatch(channel, owner: "o", rule: rule)) }
        let user = Claims(user: "u")
        #expect(Identity.user(user).mayWatch(channel, owner: "o", rule: rule) == (rule == .open))
        #expect(Caller.user(user).mayWatch(channel, owner: "o", rule: rule) == (rule == .open))
    }
}
