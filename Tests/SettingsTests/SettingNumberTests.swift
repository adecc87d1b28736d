import Store
import Testing

@testable import Settings

@Suite("Numbers in settings")
struct SettingNumberTests {
    /// Where types and arithmetic end, and one beside each; what is no number; with every unit.
    private static let texts: [String] = {
        let whole = [
            "", "0", "-0", "-1", "1", "2147483647", "2147483648", "4294967295", "4294967296", "9007199254740991",
            "9007199254740992",
            "9223372036854775806", "9223372036854775807", "9223372036854775808", "18446744073709551615",
            "18446744073709551616", "18446744073709551617", "-2147483648", "-9223372036854775807",
            "-9223372036854775808",
            "-9223372036854775809", "1000000000000000000000000000000", "0.5", "1.5", "-1.5", "1e0", "1e3", "1e30",
            "1e400",
            "nan", "inf", "-inf", "0x10", "+1", "1_000", "1,000", " 1", "1 ", "١",
        ]
        return whole + whole.flatMap { number in ["ms", "s", "m", "h", "d", "k", "w", "mm"].map { number + $0 } }
    }()

    private static var valued: [Setting<Configuration>] { NodeSettings.all.filter { $0.placeholder != nil } }

    @Test("every setting takes or refuses any number, by flag and by variable", arguments: valued.map(\.flag))
    func range(_ flag: String) throws {
        let setting = try #require(Self.valued.first { $0.flag == flag })
        for text in Self.texts {
            for (arguments, environment) in [
                (["\(flag)=\(text)"], [:]), ([], setting.environment.first.map { [$0: text] } ?? [:]),
            ] {
                var reader = SettingsReader(NodeSettings.all, defaults: Configuration())
                do {
                    guard
                        case .settings(let configuration, _) = try reader.read(
                            arguments: arguments, environment: environment)
                    else { continue }
                    expectSensible(configuration, "\(flag)=\(text)")
                } catch {
                    #expect(!error.message.isEmpty && !error.message.contains("\n"), "\(flag)=\(text)")
                }
            }
        }
    }

    private func expectSensible(_ configuration: Configuration, _ what: String) {
        #expect((0...65535).contains(configuration.port) && (1...256).contains(configuration.loops ?? 1), "\(what)")
        #expect((1...10_000).contains(configuration.history.entries), "\(what)")
        #expect((1024...(16 << 20)).contains(configuration.history.bytes), "\(what)")
        #expect((1...(366 * 86_400)).contains(configuration.history.timeToLive), "\(what)")
        for milliseconds in [
            configuration.heartbeatMilliseconds, configuration.authTimeoutMilliseconds,
            configuration.positionCheckMilliseconds, configuration.probeMilliseconds,
            configuration.presence.heartbeatMilliseconds, configuration.presence.leaseMilliseconds,
            configuration.connectionTimeoutMilliseconds, configuration.socketIOPingMilliseconds,
            configuration.socketIOPongMilliseconds,
        ] {
            #expect((1...(366 * 86_400_000)).contains(milliseconds), "\(what)")
        }
        #expect(configuration.drainMilliseconds >= 0 && configuration.presence.graceMilliseconds >= 0, "\(what)")
        #expect((0...1000).contains(configuration.droppedPerThousand), "\(what)")
    }

    @Test(
        "a client may be silent for three heartbeats, at most the timeout, and never less than two heartbeats",
        arguments: [
            (30_000, 600_000, 90_000), (30_000, 89_999, 89_999), (30_000, 60_000, 60_000), (30_000, 100, 60_000),
            (200_000, 600_000, 600_000), (600_000, 600_000, 1_200_000), (600_000, 86_400_000, 1_800_000),
            (100, 600_000, 300), (100, 100, 200),
        ] as [(Int, Int, UInt64)])
    func silence(_ heartbeat: Int, _ timeout: Int, _ silence: UInt64) {
        var configuration = Configuration()
        configuration.heartbeatMilliseconds = heartbeat
        configuration.connectionTimeoutMilliseconds = timeout
        #expect(configuration.silenceMilliseconds == silence)
    }

    @Test(
        "the connection timeout is a whole number of milliseconds, from 100 to a day, under three names",
        arguments: [
            ("99", nil), ("100", 100), ("101", 101), ("600000", 600_000), ("86400000", 86_400_000), ("86400001", nil),
            ("-1", nil), ("0", nil), ("2147483648", nil), ("9007199254740993", nil), ("9223372036854775808", nil),
            ("18446744073709551616", nil), ("1.5", nil), ("10s", nil),
        ] as [(String, Int?)])
    func connectionTimeout(_ text: String, _ expected: Int?) {
        for (flags, environment) in [
            (["--ws-connection-timeout", text], [:]), ([], ["FANTAIL_WS_CONNECTION_TIMEOUT": text]),
            ([], ["WS_CONNECTION_TIMEOUT": text]),
        ] as [([String], [String: String])] {
            var reader = SettingsReader(NodeSettings.all, defaults: Configuration())
            let read = try? reader.read(arguments: flags, environment: environment)
            if case .settings(let configuration, _)? = read {
                #expect(configuration.connectionTimeoutMilliseconds == expected)
            } else {
                #expect(expected == nil)
            }
        }
    }

    @Test(
        "times with their units, to the edge of what is taken",
        arguments: [
            ("0", 0), ("1", 1000), ("1ms", 1), ("90s", 90_000), ("5m", 300_000), ("3600", 3_600_000),
            ("60m", 3_600_000),
            ("1h", 3_600_000), ("3600001ms", nil), ("61m", nil), ("1d", nil), ("-1", nil), ("-1ms", nil), ("1.5s", nil),
            ("", nil),
            ("s", nil), ("ms", nil), ("9223372036854775807", nil), ("9223372036854775807d", nil),
            ("106751991168d", nil),
            ("18446744073709551616ms", nil), ("1e3", nil),
        ] as [(String, Int?)])
    func times(_ text: String, _ milliseconds: Int?) {
        #expect((try? SettingValue.milliseconds(text, in: 0...3_600_000)) == milliseconds)
    }

    @Test(
        "sizes with their units",
        arguments: [
            ("0", 0), ("4096", 4096), ("4k", 4096), ("4K", 4096), ("1m", 1 << 20), ("1M", 1 << 20), ("1025k", nil),
            ("-1", nil),
            ("k", nil), ("9223372036854775807k", nil), ("8796093022208m", nil), ("1.5k", nil), ("1e3", nil), ("", nil),
        ] as [(String, Int?)])
    func sizes(_ text: String, _ bytes: Int?) {
        #expect((try? SettingValue.bytes(text, in: 0...(1 << 20))) == bytes)
    }
}
