import Presence
import Testing

@testable import Starting

@Suite("What must hold before a node starts")
struct StartRuleTests {
    private func check(_ host: String?) -> StartFailure? {
        var configuration = Configuration()
        configuration.isDevelopment = true
        configuration.host = host
        do { try StartRules.check(&configuration) } catch { return error }
        return nil
    }

    @Test(
        "a development node listens where only this machine reaches it, however that is written",
        arguments: [nil, "localhost", "127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "0:0::1", "::ffff:127.0.0.1"])
    func loopback(_ host: String?) { #expect(check(host) == nil) }

    @Test(
        "nowhere else",
        arguments: [
            "0.0.0.0", "::", "128.0.0.1", "126.255.255.255", "::2", "::ffff:10.0.0.1", "::127.0.0.1", "127.0.0", "",
            "127.0.0.1.example", "localhost.example", "fe80::1",
        ])
    func elsewhere(_ host: String) throws {
        let failure = try #require(check(host))
        #expect(failure.exitCode == 2 && failure.message.contains("--host"))
    }

    @Test(
        "the address that is named is one that can be opened",
        arguments: [
            (nil, true, "localhost"), ("::1", true, "localhost"), ("127.0.0.2", true, "127.0.0.2"),
            ("::ffff:127.0.0.1", true, "[::ffff:127.0.0.1]"), (nil, false, "0.0.0.0"), ("::1", false, "[::1]"),
        ] as [(String?, Bool, String)])
    func announced(_ host: String?, _ isDevelopment: Bool, _ named: String) throws {
        var configuration = Configuration()
        configuration.isDevelopment = isDevelopment
        configuration.apiKey = "key"
        configuration.host = host
        try StartRules.check(&configuration)
        #expect(StartRules.announcedHost(configuration) == named)
    }

    @Test("a secret of less than 32 bytes is for development only", arguments: [(1, false), (31, false), (32, true)])
    func shortSecrets(_ count: Int, _ isTaken: Bool) {
        var configuration = Configuration()
        configuration.jwtSecret = String(repeating: "s", count: count)
        var failure: StartFailure?
        do { try StartRules.check(&configuration) } catch { failure = error }
        #expect((failure == nil) == isTaken)
        if let failure { #expect(failure.exitCode == 2 && failure.message.contains("--jwt-secret has \(count) bytes")) }
        configuration.isDevelopment = true
        #expect(throws: Never.self) { try StartRules.check(&configuration) }
    }

    @Test("settings that depend on each other are checked without arithmetic that could end the process")
    func oddNumbers() {
        let numbers = [0, 1, 100, 60_000, 300_000, 600_000]
        for heartbeat in numbers {
            for lease in numbers {
                var configuration = Configuration()
                configuration.apiKey = "key"
                configuration.presence.heartbeatMilliseconds = heartbeat
                configuration.presence.leaseMilliseconds = lease
                let isTaken = (try? StartRules.check(&configuration)) != nil
                #expect(isTaken == (lease >= 3 * heartbeat), "\(heartbeat), \(lease)")
            }
        }
    }
}
