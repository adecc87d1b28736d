import Testing

@testable import RESP
@testable import Redis

@Suite("The URL of one Redis")
struct RedisEndpointTests {
    @Test(
        "is read into its parts",
        arguments: [
            ("redis://localhost", RedisEndpoint(address: .tcp(host: "localhost", port: 6379))),
            ("REDIS://127.0.0.1:7000", RedisEndpoint(address: .tcp(host: "127.0.0.1", port: 7000))),
            ("redis://[::1]:6380/3", RedisEndpoint(address: .tcp(host: "::1", port: 6380), database: 3)),
            ("redis://[::1]/", RedisEndpoint(address: .tcp(host: "::1", port: 6379))),
            ("redis://u:p@h", RedisEndpoint(address: .tcp(host: "h", port: 6379), user: "u", password: "p")),
            ("redis://:p%40%2F%3a@h", RedisEndpoint(address: .tcp(host: "h", port: 6379), password: "p@/:")),
            ("redis://:a@b@h", RedisEndpoint(address: .tcp(host: "h", port: 6379), password: "a@b")),
            ("redis://u:a:b@h", RedisEndpoint(address: .tcp(host: "h", port: 6379), user: "u", password: "a:b")),
            (
                "rediss://u:p@h:6390/2",
                RedisEndpoint(
                    address: .tcp(host: "h", port: 6390), user: "u", password: "p", database: 2, tls: RedisTLS())
            ),
            ("RedisS://[::1]", RedisEndpoint(address: .tcp(host: "::1", port: 6379), tls: RedisTLS())),
            ("unix:///run/redis.sock", RedisEndpoint(address: .unix(path: "/run/redis.sock"))),
            ("unix:///run/a%20b", RedisEndpoint(address: .unix(path: "/run/a b"))),
        ])
    func parts(url: String, expected: RedisEndpoint) throws {
        #expect(try RedisEndpoint(parsing: url) == expected)
    }

    @Test(
        "is refused when it is not one of the three forms",
        arguments: [
            "", "localhost", "localhost:6379", "http://h", "rediss://", "rediss:///0", "rediss://h:0", "rediss:h",
            "redisss://h", "rediss+unix:///s", "redis-sentinel://h", "redis+cluster://h",
            "redis://", "redis:///0", "redis://h:0", "redis://h:65536", "redis://h:-1", "redis://h:+1", "redis://h:",
            "redis://h:6379/x", "redis://h/-1", "redis://h/99999999999999999999", "redis://h1,h2", "redis://h?db=1",
            "redis://h#1",
            "redis://user@h", "redis://user:@h", "redis://:%zz@h", "redis://:%4@h", "redis://:%00@h", "redis://:%ff@h",
            "redis://::1", "redis://[::1", "redis://[::1]6379", "redis://[]", "redis://h ost", "unix://", "unix:///",
            "unix://path",
            "unix:///" + String(repeating: "a", count: 107),
        ])
    func refused(url: String) {
        #expect(throws: RedisURLError.self) { try RedisEndpoint(parsing: url) }
    }

    @Test("never shows its password, neither in its description nor in an error")
    func masked() throws {
        #expect(try RedisEndpoint(parsing: "redis://u:secret@h:1/2").description == "redis://u:***@h:1/2")
        #expect(try RedisEndpoint(parsing: "rediss://u:secret@h:1").description == "rediss://u:***@h:1")
        #expect(try RedisEndpoint(parsing: "redis://:secret@[::1]").description == "redis://:***@[::1]:6379")
        for url in [
            "redis://:secret@h:x", "redis://:secret%zz@h", "redis://:secret@", "x://:secret@h", "redis://:se/secret@h",
        ] {
            let error = #expect(throws: RedisURLError.self) { try RedisEndpoint(parsing: url) }
            #expect(error?.message.contains("secret") == false)
        }
    }

    @Test("knows a loopback address")
    func loopback() throws {
        for url in ["redis://localhost", "redis://127.0.0.5", "redis://[::1]", "unix:///s"] {
            #expect(try RedisEndpoint(parsing: url).isLoopback)
        }
        for url in ["redis://10.0.0.1", "redis://redis", "redis://localhost.example", "redis://127.example.com"] {
            #expect(try !RedisEndpoint(parsing: url).isLoopback)
        }
    }
}
