import Events
import Dialects
import JSON
import RedisFixture
import Testing

@testable import Store

/// The secrets of a registered task, and when its third party is asked, on a real Redis.
@Suite("Third parties in Redis", .timeLimit(.minutes(1)))
struct ThirdPartyScriptTests {
    private let server: RedisServerProcess
    private let redis: RedisSocket
    private let runID: String
    private let task = ChannelName.task(Identifier("t")!)
    private let naming = Naming.standard

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
        runID = redis.runID
        load(seconds: 100)
    }

    private func load(seconds: Int) {
        let limits = HistoryLimits(timeToLive: seconds)
        redis.call("FUNCTION", "LOAD", "REPLACE", PublishFunction(naming: naming, limits: limits).source)
    }

    private func register(seconds: Int = 100, apiKey: String? = "k", inquiry: Int? = 30_000) throws {
        let parser = JSONParser(maxBytes: 1_000)
        let json = Array(#"{"status":"QUEUED","progress":0}"#.utf8)
        var secrets = RegistrationScript.Secrets()
        secrets.externalID = "x"
        secrets.apiKey = apiKey
        secrets.endpoint = UpstreamEndpoint("http://127.0.0.1")
        let publishing = PublishArguments(
            [(json, try Event(parser.object(json), parser: parser))], to: task, runID: runID,
            limits: HistoryLimits(timeToLive: seconds), naming: naming)
        let receipt = redis.run(
            RegistrationScript(task, secrets: secrets, publishing: publishing, naming: naming))
        #expect(receipt?.position.sequence == 1)
    }

    private func publish(_ event: String) {
        let reply = redis.call("FCALL", "fantail_publish", "1", "task:t", event)
        #expect(reply.list.count == 3, "\(reply)")
    }

    private func keep() -> KeepSecretsScript.Reply? { redis.run(KeepSecretsScript(of: task, naming: naming)) }

    /// Expects secrets to be kept, with the next check after about so long.
    private func expectKept(_ nextLook: Int, isAsked: Bool) {
        guard case .kept(let look, isAsked) = keep() else { return #expect(Bool(false)) }
        #expect((nextLook - nextLook / 10...nextLook).contains(look), "\(look)")
    }

    /// The announced restarts while `body` runs.
    private func restarts(during body: () throws -> Void) rethrows -> [String] {
        let listener = RedisSocket(server)
        listener.call("SUBSCRIBE", naming.announcementsChannel)
        try body()
        var heard: [String] = []
        redis.call("PUBLISH", naming.announcementsChannel, "end")
        while let text = listener.message().list.last?.string, text != "end" { heard.append(text) }
        return heard.filter { !$0.hasPrefix("changed ") }
    }

    @Test("nodes hear of a task with a third party that is restarted")
    func restarted() throws {
        try register()
        let heard = restarts {
            publish(#"{"progress":1}"#)
            publish(#"{"type":"completed"}"#)
            publish(#"{"progress":0,"restart":true}"#)
        }
        #expect(heard == ["task:t"])
    }

    @Test("nodes hear of none that ended again at once, nor of one without a third party")
    func notRestarted() throws {
        let heard = try restarts {
            try register(apiKey: nil)
            publish(#"{"progress":0,"restart":true}"#)
            redis.call("DEL", naming.metaKey(of: task))
            try register()
            publish(#"{"type":"completed","restart":true}"#)
        }
        #expect(heard == [])
    }

    @Test("a check of the secrets says whether to ask the third party: for a restart that no node heard")
    func looks() throws {
        try register()
        expectKept(53_000, isAsked: true)
        publish(#"{"type":"completed"}"#)
        expectKept(53_000, isAsked: false)
        publish(#"{"progress":0,"restart":true}"#)
        expectKept(53_000, isAsked: true)
    }

    @Test("a task without a third party is kept, and nobody is asked")
    func kept() throws {
        try register(apiKey: nil)
        expectKept(53_000, isAsked: false)
    }

    @Test("secrets live as long as the task, and are checked before half of their life is over, and within an hour")
    func lengthened() throws {
        try register()
        load(seconds: 1_000)
        publish(#"{"progress":1}"#)
        expectKept(531_000, isAsked: true)
        let left = try #require(redis.call("TTL", naming.secretKey(of: task)).int)
        #expect((1_050...1_122).contains(left))
        redis.call("EXPIRE", naming.metaKey(of: task), "1000000")
        expectKept(3_600_000, isAsked: true)
        redis.call("PEXPIRE", naming.metaKey(of: task), "900")
        expectKept(1_000, isAsked: true)
    }

    @Test("secrets go with the task, also where a new one has the same name")
    func gone() throws {
        try register()
        redis.call("DEL", naming.metaKey(of: task))
        publish(#"{"progress":1}"#)
        #expect(keep() == .gone)
        #expect(redis.call("EXISTS", naming.secretKey(of: task)).int == 0)
    }

    @Test("a task is first checked before half of its life is over, and after its registration")
    func firstLook() {
        let looks = [1, 3, 100, 200, 604_800].map { KeepSecretsScript.firstLook(HistoryLimits(timeToLive: $0)) }
        #expect(looks == [1_000, 1_500, 50_000, 60_000, 60_000])
    }
}
