import RESP
import Testing

@Suite("The URL of Sentinels")
struct SentinelGroupTests {
    private static func at(_ host: String, _ port: UInt16 = 26379) -> RedisEndpoint.Address {
        .tcp(host: host, port: port)
    }

    @Test(
        "is read into its parts",
        arguments: [
            ("redis-sentinel://h/m", SentinelGroup(sentinels: [at("h")], name: "m")),
            (
                "REDIS-SENTINEL://h:1,[::1],[::2]:7/m/",
                SentinelGroup(sentinels: [at("h", 1), at("::1"), at("::2", 7)], name: "m")
            ),
            (
                "redis-sentinel://h1,h2,h3/my.master-1/3",
                SentinelGroup(sentinels: [at("h1"), at("h2"), at("h3")], name: "my.master-1", database: 3)
            ),
            ("redis-sentinel://u:p@h/m", SentinelGroup(sentinels: [at("h")], name: "m", user: "u", password: "p")),
            ("redis-sentinel://:p%40%2F%2c@h/m", SentinelGroup(sentinels: [at("h")], name: "m", password: "p@/,")),
            ("redis-sentinel://:a,b@c@h/m", SentinelGroup(sentinels: [at("h")], name: "m", password: "a,b@c")),
            ("redis-sentinel://h/m%3Aa", SentinelGroup(sentinels: [at("h")], name: "m:a")),
            ("rediss-sentinel://h,i/m", SentinelGroup(sentinels: [at("h"), at("i")], name: "m", tls: RedisTLS())),
        ])
    func parts(url: String, expected: SentinelGroup) throws {
        #expect(try SentinelGroup(parsing: url) == expected)
    }

    @Test("is another scheme's business", arguments: ["redis://h", "unix:///s", "rediss://h", "h", "", "http://h/m"])
    func others(url: String) throws {
        #expect(try SentinelGroup(parsing: url) == nil)
    }

    @Test(
        "is refused with one line that says what was expected",
        arguments: [
            ("redis-sentinel://h", "the master's name is missing"),
            ("redis-sentinel://h/", "the master's name is missing"),
            ("redis-sentinel://h//0", "the master's name is missing"),
            ("redis-sentinel://", "a Sentinel's host is missing"),
            ("redis-sentinel:///m", "a Sentinel's host is missing"),
            ("redis-sentinel://h,/m", "a Sentinel's host is missing"),
            ("redis-sentinel://h,,i/m", "a Sentinel's host is missing"),
            ("redis-sentinel://,h/m", "a Sentinel's host is missing"),
            ("redis-sentinel://h,h:26379/m", "the Sentinel h:26379 appears twice"),
            ("redis-sentinel://h:0/m", "1 to 65535"),
            ("redis-sentinel://h:65536/m", "1 to 65535"), ("redis-sentinel://h:-1/m", "1 to 65535"),
            ("redis-sentinel://h:/m", "1 to 65535"), ("redis-sentinel://h:99999999999999999999/m", "1 to 65535"),
            ("redis-sentinel://::1/m", "in brackets"), ("redis-sentinel://[::1/m", "closing ]"),
            ("redis-sentinel://h ost/m", "not a host name"),
            ("redis-sentinel://h/m/x", "must be a number"), ("redis-sentinel://h/m/-1", "must be a number"),
            ("redis-sentinel://h/m/0/0", "must be a number"),
            ("redis-sentinel://h/m/99999999999999999999", "must be a number"),
            ("redis-sentinel://h/m?db=1", "no parameters"), ("redis-sentinel://h/m#1", "no parameters"),
            ("redis-sentinel://user@h/m", "needs a password"), ("redis-sentinel://user:@h/m", "the password is empty"),
            ("redis-sentinel://:%zz@h/m", "hexadecimal"), ("redis-sentinel://h/m%20a", "characters"),
            ("redis-sentinel://h/m%", "hexadecimal"),
            ("redis-sentinel://h/\(String(repeating: "m", count: 256))", "too long"),
            ("redis-sentinel://" + (1...17).map { "h\($0)" }.joined(separator: ",") + "/m", "at most 16"),
            ("redis+sentinel://h/m", "expected redis-sentinel://"), ("sentinel://h/m", "expected redis-sentinel://"),
        ])
    func refused(url: String, said: String) {
        let error = #expect(throws: RedisURLError.self) { try SentinelGroup(parsing: url) }
        #expect(
            error?.message.contains(said) == true && error?.message.contains("\n") == false,
            "\(String(describing: error))")
    }

    @Test("never shows a password")
    func masked() throws {
        var group = try #require(try SentinelGroup(parsing: "redis-sentinel://u:secret@h,[::1]:7/m/2"))
        group.sentinelPassword = "secret"
        #expect(RedisLocation.sentinel(group).description == "redis-sentinel://u:***@h:26379,[::1]:7/m/2")
        for url in [
            "redis-sentinel://:secret@h:x/m", "redis-sentinel://:secret%zz@h/m", "redis-sentinel://:se/secret@h/m",
        ] {
            let error = #expect(throws: RedisURLError.self) { try RedisLocation(parsing: url) }
            #expect(error?.message.contains("secret") == false)
        }
    }

    @Test("logs in at Redis and at Sentinels with what is meant for each")
    func logins() throws {
        var group = try #require(try SentinelGroup(parsing: "redis-sentinel://u:p@h/m/2"))
        (group.sentinelUser, group.sentinelPassword) = ("su", "sp")
        #expect(group.server(at: Self.at("r", 6379)).description == "redis://u:***@r:6379/2")
        #expect(group.server(at: Self.at("r", 6379)).password == "p")
        #expect(group.sentinel(at: Self.at("h")) == RedisEndpoint(address: Self.at("h"), user: "su", password: "sp"))
    }
}
