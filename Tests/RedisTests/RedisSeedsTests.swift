import Testing

@testable import RESP

@Suite("A URL of several servers of a cluster")
struct RedisSeedsTests {
    private static func tcp(_ host: String, _ port: UInt16 = 6379) -> RedisEndpoint.Address {
        .tcp(host: host, port: port)
    }

    @Test(
        "is read into its parts",
        arguments: [
            ("redis://h1,h2", RedisSeeds([tcp("h1"), tcp("h2")])),
            ("REDIS://h1:7000,h2:7001,h3", RedisSeeds([tcp("h1", 7000), tcp("h2", 7001), tcp("h3")])),
            ("redis://[::1]:7000,[2001:db8::1],h/", RedisSeeds([tcp("::1", 7000), tcp("2001:db8::1"), tcp("h")])),
            ("redis://u:p%2C@h1,h2/0", RedisSeeds([tcp("h1"), tcp("h2")], user: "u", password: "p,")),
            ("redis://:a,b@h1,h2", RedisSeeds([tcp("h1"), tcp("h2")], password: "a,b")),
            ("redis://h,h", RedisSeeds([tcp("h"), tcp("h")])),
        ])
    func parts(url: String, seeds: RedisSeeds) throws {
        #expect(try RedisSeeds(parsing: url) == seeds)
        #expect(try RedisLocation(parsing: url) == .cluster(seeds))
    }

    @Test(
        "is none where it names one server, or is of another kind",
        arguments: ["redis://h", "redis://:a,b@h", "unix:///a,b", "redis-sentinel://h1,h2/m", "", "h1,h2"])
    func none(url: String) throws {
        #expect(try RedisSeeds(parsing: url) == nil)
    }

    @Test(
        "is refused with a line that says what was expected",
        arguments: [
            ("redis://h1,", "a host is missing between commas; expected redis://h1:p1,h2:p2,…"),
            ("redis://,h1", "a host is missing between commas; expected redis://h1:p1,h2:p2,…"),
            ("redis://h1,,h2", "a host is missing between commas; expected redis://h1:p1,h2:p2,…"),
            ("redis://,", "a host is missing between commas; expected redis://h1:p1,h2:p2,…"),
            ("redis://h1,h2:0", "the port must be a number from 1 to 65535"),
            ("redis://h1,h2:65536", "the port must be a number from 1 to 65535"),
            ("redis://h1,h2:+1", "the port must be a number from 1 to 65535"),
            ("redis://h1,h2:", "the port must be a number from 1 to 65535"),
            ("redis://h1,::1", "write an IPv6 address in brackets: redis://[::1]:6379"),
            ("redis://h1,[::1", "an IPv6 address needs its closing ]"),
            ("redis://h1,[::1]1", "expected :port after ]"),
            ("redis://h1, h2", "the host is missing or not a host name; percent-encode / in a password as %2F"),
            ("redis://h1,h2/1", "a Redis Cluster has no database but 0; expected a URL that names none"),
            ("redis://h1,h2/x", "the database after / must be a number"),
            ("redis://h1,h2/-1", "the database after / must be a number"),
            ("redis://u@h1,h2", "a login needs a password: redis://user:password@host or redis://:password@host"),
            ("redis://u:@h1,h2", "the password is empty"),
            ("redis://:%zz@h1,h2", "the password has a % that is not followed by two hexadecimal digits"),
            ("redis://h1,h2?x=1", "a Redis URL takes no parameters (? or #); percent-encode them in a password"),
            ("redis://h1,h2#x", "a Redis URL takes no parameters (? or #); percent-encode them in a password"),
        ])
    func refused(url: String, message: String) {
        let error = #expect(throws: RedisURLError.self) { try RedisLocation(parsing: url) }
        #expect(error?.message == message)
    }

    @Test("never shows its password")
    func masked() throws {
        #expect(
            try RedisLocation(parsing: "redis://u:secret@h1,[::1]:7").description == "redis://u:***@h1:6379,[::1]:7")
        for url in [
            "redis://:secret@h1,h2:x", "redis://:secret%zz@h1,h2", "redis://:secret@h1,,h2", "redis://:secret@,",
        ] {
            let error = #expect(throws: RedisURLError.self) { try RedisLocation(parsing: url) }
            #expect(error?.message.contains("secret") == false)
        }
    }
}
