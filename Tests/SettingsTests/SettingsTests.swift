import RESP
import Settings
import Store
import Testing

@Suite("Settings")
struct SettingsTests {
    private func read(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Configuration {
        var reader = SettingsReader(NodeSettings.all, defaults: Configuration())
        guard case .settings(let configuration, _) = try reader.read(arguments: arguments, environment: environment)
        else {
            throw SettingError("help")
        }
        return configuration
    }

    private func message(_ arguments: [String], _ environment: [String: String] = [:]) -> String? {
        do {
            _ = try read(arguments, environment)
            return nil
        } catch { return (error as? SettingError)?.message }
    }

    @Test("flag, then environment, then default")
    func precedence() throws {
        #expect(try read([]).port == 8000)
        #expect(try read([], ["FANTAIL_PORT": "9000", "PORT": "9100"]).port == 9000)
        #expect(try read([], ["PORT": "9100"]).port == 9100)
        #expect(try read(["--port", "9200"], ["FANTAIL_PORT": "9000"]).port == 9200)
        #expect(try read(["--port=9300"]).port == 9300)
    }

    @Test("the files for the TLS of Redis stand with its URL, in whatever order they are given")
    func redisFiles() throws {
        let flags = ["--redis-ca", "a", "--redis-cert=c", "--redis-key", "k", "--redis", "rediss://h"]
        let configuration = try read(flags)
        try configuration.checkRedis()
        #expect(configuration.redis?.tls == RedisTLS(authorities: "a", certificate: "c", key: "k"))
        let names = ["FANTAIL_REDIS_URL", "FANTAIL_REDIS_CA", "FANTAIL_REDIS_CERT", "FANTAIL_REDIS_KEY"]
        let environment = Dictionary(uniqueKeysWithValues: zip(names, ["rediss://h", "a", "c", "k"]))
        #expect(try read([], environment).redis == configuration.redis)
        #expect(try read(["--redis", "rediss://h"]).redis?.tls == RedisTLS())
    }

    @Test(
        "files for TLS that would not be used, and half of a client's certificate, are refused",
        arguments: [
            ["--redis", "redis://h", "--redis-ca", "a"], ["--redis-ca", "a"],
            ["--redis", "unix:///s", "--redis-ca", "a"],
            ["--redis", "rediss://h", "--redis-cert", "c"], ["--redis", "rediss://h", "--redis-key", "k"],
        ])
    func uselessRedisFiles(arguments: [String]) throws {
        let configuration = try read(arguments)
        let error = #expect(throws: SettingError.self) { try configuration.checkRedis() }
        #expect(error?.message.contains("expected") == true)
    }

    @Test("third parties may be named again and again, the first one first")
    func upstreams() throws {
        let hosts = try read(
            ["--upstream", "https://b", "--upstream=http://c:81"], ["FANTAIL_UPSTREAM": "http://a, http://d"]
        )
        .upstreams.map(\.origin)
        #expect(hosts == ["http://a:80", "http://d:80", "https://b:443", "http://c:81"])
        #expect(message(["--upstream", "http://user:word@a"])?.contains("word") == false)
    }

    @Test("repeated flags replace what the environment said, where the setting says so", arguments: [true, false])
    func forgetting(_ forgets: Bool) throws {
        let forget: @Sendable (inout [String]) -> Void = { values in values = [] }
        let setting = Setting<[String]>(
            "--x", ["X"], "TEXT", "", isRepeatable: true, forget: forgets ? forget : nil
        ) { (values: inout [String], text: String) in values.append(text) }
        var reader = SettingsReader([setting.also { $0.append("+") }], defaults: [])
        guard
            case .settings(let values, _) = try reader.read(arguments: ["--x", "b", "--x=c"], environment: ["X": "a"])
        else { throw SettingError("help") }
        #expect(values == (forgets ? [] : ["a", "+"]) + ["b", "+", "c", "+"])
        #expect(reader.given["--x"]?.values == (forgets ? [] : ["a"]) + ["b", "c"])
    }

    @Test("times and sizes take their units")
    func units() throws {
        let configuration = try read(["--task-ttl", "2d", "--history-bytes", "64k", "--drain", "500ms"])
        #expect(configuration.history.timeToLive == 2 * 86_400)
        #expect(configuration.history.bytes == 65_536)
        #expect(configuration.drainMilliseconds == 500)
    }

    @Test(
        "a bad value is refused with the setting's name and what was expected",
        arguments: [
            ["--port", "70000"], ["--port", "x"], ["--loops", "0"], ["--task-ttl", "soon"], ["--history-bytes", "1t"],
            ["--log", "xml"], ["--redis", "http://x"], ["--node-id", "a b"], ["--dev=maybe"], ["--key-prefix", "{"],
        ])
    func badValues(_ arguments: [String]) throws {
        let flag = try #require(arguments.first?.split(separator: "=").first)
        let text = try #require(message(arguments))
        #expect(text.hasPrefix("\(flag):"))
        #expect(!text.contains("\n"))
    }

    @Test("a service link of Kubernetes is called that, and what switches it off is said")
    func serviceLinks() throws {
        for (name, link) in [
            ("FANTAIL_PORT", "tcp://10.0.0.1:8000"), ("FANTAIL_INTERNAL_PORT", "tcp://10.0.0.1:9000"),
            ("FANTAIL_PORT", "udp://10.0.0.1:53"),
        ] {
            let text = try #require(message([], [name: link]))
            #expect(text.hasPrefix("\(name): ") && text.contains(link) && text.contains("enableServiceLinks: false"))
            #expect(!text.contains("\n"))
        }
        #expect(try read(["--port", "8001"], ["FANTAIL_PORT": "tcp://10.0.0.1:8000"]).port == 8001)
    }

    @Test("help is there whatever the variables say")
    func helpFirst() throws {
        var reader = SettingsReader(NodeSettings.all, defaults: Configuration())
        guard case .help = try reader.read(arguments: ["--help"], environment: ["FANTAIL_PORT": "many"]) else {
            return #expect(Bool(false), "no help")
        }
    }

    @Test("unknown flags and missing values are refused")
    func badFlags() {
        #expect(message(["--prot", "1"])?.contains("unknown flag --prot") == true)
        #expect(message(["--port"])?.contains("needs a value") == true)
    }

    @Test("a refused Redis URL does not show its password")
    func passwordsStayHidden() {
        #expect(message(["--redis", "rediss://user:s3cret@host:x"])?.contains("s3cret") == false)
    }
}
