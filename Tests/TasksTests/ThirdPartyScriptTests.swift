import Events
import Dialects
import JSON
import RedisFixture
import Tasks
import Testing

/// What is kept of a registered task beside its events, and when its third party is asked, on a real Redis.
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
        let line = (redis.call("INFO", "server").string ?? "").split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix("run_id:") }
        runID = String(line?.dropFirst("run_id:".count) ?? "")
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
        let publishing = PublishScript.arguments(
            runID: runID, limits: HistoryLimits(timeToLive: seconds), naming: naming,
            batch: [(json, try Event(parser.object(json), parser: parser))])
        let arguments = RegistrationScript.arguments(
            task, secrets: secrets, firstInquiryMilliseconds: inquiry, naming: naming, publishing: publishing)
        let reply = redis.eval(
            RegistrationScript.text, keys: RegistrationScript.keys(task, naming: naming),
            arguments.map { String(decoding: $0, as: UTF8.self) })
        #expect(reply.list.count == 3, "\(reply)")
    }

    private func publish(_ event: String) {
        let reply = redis.call("FCALL", "fantail_publish", "1", "task:t", event)
        #expect(reply.list.count == 3, "\(reply)")
    }

    /// Takes what is due; answers it.
    private func take() -> [String] {
        let arguments = InquiryScripts.takeArguments(
            most: 16, takeoverMilliseconds: 15_000, pollMilliseconds: 30_000, naming: naming)
        return redis.eval(
            InquiryScripts.take, keys: InquiryScripts.takeKeys(naming: naming),
            arguments.map { String(decoding: $0, as: UTF8.self) }
        ).list.compactMap(\.string)
    }

    /// Looks after the secrets that are due; answers how many.
    private func look() -> Int? {
        let arguments = SecretsScript.arguments(most: 100, naming: naming)
        return redis.eval(
            SecretsScript.text, keys: [naming.dueSecretsKey], arguments.map { String(decoding: $0, as: UTF8.self) }
        ).int
    }

    private var milliseconds: Int {
        let time = redis.call("TIME").list.compactMap(\.int)
        return time[0] * 1_000 + time[1] / 1_000
    }

    private func score(_ key: String) -> Int? { redis.call("ZSCORE", key, "task:t").int }

    @Test("a task that is restarted is asked about again")
    func restarted() throws {
        try register()
        publish(#"{"type":"completed"}"#)
        redis.call("ZREM", naming.dueInquiriesKey, "task:t")
        #expect(take() == [] && score(naming.dueInquiriesKey) == nil)
        publish(#"{"progress":0,"restart":true}"#)
        #expect(take() == [])
        let due = try #require(score(naming.dueInquiriesKey))
        #expect((25_000...30_000).contains(due - milliseconds))
        #expect(redis.call("EXISTS", naming.revivedKey).int == 0)
    }

    @Test("a task that ended again at once, and one without anybody to ask, are not")
    func notRestarted() throws {
        try register(apiKey: nil, inquiry: nil)
        publish(#"{"progress":0,"restart":true}"#)
        #expect(redis.call("EXISTS", naming.revivedKey).int == 0)
        redis.call("DEL", naming.metaKey(of: task))
        try register()
        publish(#"{"type":"completed","restart":true}"#)
        #expect(redis.call("EXISTS", naming.revivedKey).int == 0)
    }

    @Test("what workers write there of tasks that nobody registered is dropped")
    func forged() {
        redis.call("HSET", naming.revivedKey, "task:none", "", "x}{", "", "task:t", "")
        #expect(take() == [])
        #expect(redis.call("DBSIZE").int == 0)
    }

    @Test("secrets are lengthened as the task is, and looked at before half of their life is over")
    func lengthened() throws {
        try register()
        #expect((45_000...50_000).contains(try #require(score(naming.dueSecretsKey)) - milliseconds))
        #expect(look() == 0)
        load(seconds: 1_000)
        publish(#"{"progress":1}"#)
        redis.call("ZADD", naming.dueSecretsKey, "0", "task:t")
        #expect(look() == 1)
        let left = try #require(redis.call("TTL", naming.secretKey(of: task)).int)
        #expect((990...1_060).contains(left))
        #expect((490_000...500_000).contains(try #require(score(naming.dueSecretsKey)) - milliseconds))
    }

    @Test("secrets go with the task, also where another of the same name has come")
    func gone() throws {
        try register()
        redis.call("DEL", naming.metaKey(of: task))
        publish(#"{"progress":1}"#)
        redis.call("ZADD", naming.dueSecretsKey, "0", "task:t")
        #expect(look() == 1)
        #expect(redis.call("EXISTS", naming.secretKey(of: task), naming.dueSecretsKey).int == 0)
    }
}
