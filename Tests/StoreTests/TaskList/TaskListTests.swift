import Events
import RESP
import RedisFixture
import Testing

@testable import Store

/// The list of tasks on a real Redis.
@Suite("The list of tasks", .timeLimit(.minutes(1)))
struct TaskListTests {
    private let server: RedisServerProcess
    private let redis: RedisSocket
    private let naming = Naming.standard
    private let keys = TaskListKeys(.standard)

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
        #expect(redis.run(KeepListScript("me", milliseconds: 600_000, keys: keys)) == .own(isNew: true))
    }

    private func task(_ id: String, owner: String? = nil, at time: Int64 = 1) -> ListedTask {
        ListedTask(id: Identifier(id)!, owner: owner.flatMap { Identifier($0) }, startedAt: time)
    }

    private func list(_ task: ListedTask, _ standing: TaskStanding = .active, deletedAt: Int64? = 5) {
        let facts = TaskFacts.Reply(place: task, standing: standing, deletedAt: deletedAt)
        #expect(redis.run(ListTaskScript(task, facts, by: "me", keys: keys)) == true)
    }

    private func page(_ set: String? = nil, after last: ListedTask? = nil, count: Int = 50) -> [ListedTask] {
        redis.run(TaskPageScript(of: set ?? keys.all, after: last, count: count))?.tasks ?? []
    }

    private func ids(_ set: String) -> [String] { page(set).map(\.id.text) }

    @Test("a task is among all, and among those that stand as it does")
    func standing() {
        list(task("a"))
        #expect(ids(keys.all) == ["a"] && ids(keys.tasks(.active)) == ["a"])
        list(task("a"), .failed)
        #expect(ids(keys.all) == ["a"] && ids(keys.tasks(.active)) == [] && ids(keys.tasks(.failed)) == ["a"])
        list(task("a"), .completed)
        #expect(ids(keys.tasks(.failed)) == [] && ids(keys.tasks(.completed)) == ["a"])
        list(task("a", at: 9))
        #expect(page() == [task("a", at: 9)] && ids(keys.tasks(.completed)) == [])
    }

    @Test("a task that gets its owner later is listed once, and among the owner's")
    func owners() {
        let alice = Identifier("alice")!
        list(task("a"))
        list(task("a", owner: "alice"))
        #expect(page() == [task("a", owner: "alice")] && ids(keys.tasks(of: alice)) == ["a"])
        #expect(page(keys.tasks(.active)) == [task("a", owner: "alice")])
    }

    @Test("a task that is taken out is in no set")
    func unlisted() {
        list(task("a", owner: "alice"), .failed)
        #expect(redis.run(UnlistTaskScript(task("a", owner: "alice"), by: "me", keys: keys)) == true)
        #expect(redis.call("KEYS", "*").list.compactMap(\.string) == [keys.keeper])
    }

    @Test("pages have every task once, the newest first, also those of one millisecond", arguments: [1, 2, 3, 7, 50])
    func pages(count: Int) {
        let names = ["a", "a!", "A", "b", "ab", "~"]
        for time in 1...4 { for name in names { list(task("\(name)\(time)", at: Int64(time / 2))) } }
        var seen: [ListedTask] = []
        while true {
            let found = page(after: seen.last, count: count)
            seen += found
            if found.count < count { break }
        }
        #expect(seen.count == 4 * names.count && Set(seen.map(\.id)).count == seen.count)
        #expect(seen.map(\.startedAt) == seen.map(\.startedAt).sorted(by: >))
    }

    @Test("a page among ten thousand tasks of one millisecond needs few steps")
    func ties() {
        for number in 0..<10_000 { redis.call("ZADD", keys.all, "7", "t-\(number) ") }
        let commands = { self.redis.call("INFO", "commandstats").string ?? "" }
        redis.call("CONFIG", "RESETSTAT")
        #expect(page(after: task("t-5", at: 7), count: 3).map(\.id.text) == ["t-4999", "t-4998", "t-4997"])
        let reads = commands().split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_zrange:") }
        let calls = reads?.dropFirst("cmdstat_zrange:calls=".count).prefix { $0 != "," }
        #expect((calls.flatMap { Int($0) } ?? .max) <= 16)
    }

    @Test("a page goes on where the last task of the page before has gone")
    func gone() {
        for name in ["a", "b", "c", "d"] { list(task(name)) }
        #expect(page(count: 2).map(\.id.text) == ["d", "c"])
        _ = redis.run(UnlistTaskScript(task("c"), by: "me", keys: keys))
        #expect(page(after: task("c")).map(\.id.text) == ["b", "a"])
    }

    @Test("what somebody else wrote into a set is left out")
    func foreign() {
        list(task("a"))
        for member in ["", " ", "no-space", "b {x}", "é ", "c a b"] { redis.call("ZADD", keys.all, "5", member) }
        redis.call("ZADD", keys.all, "inf", "b ")
        #expect(ids(keys.all) == ["a"])
        // It counts for whether there are more.
        #expect(redis.run(TaskPageScript(of: keys.all, after: nil, count: 8))?.isFull == true)
        #expect(redis.run(TaskPageScript(of: keys.all, after: nil, count: 9))?.isFull == false)
    }

    @Test("a loop without the lease writes nothing")
    func fenced() {
        list(task("a"))
        redis.run(KeepListScript("me", milliseconds: 0, keys: keys))
        let facts = TaskFacts.Reply(place: task("b"), standing: .active, deletedAt: 5)
        func write() -> [Bool?] {
            [
                redis.run(ListTaskScript(task("b"), facts, by: "me", keys: keys)),
                redis.run(UnlistTaskScript(task("a"), by: "me", keys: keys)),
            ]
        }
        #expect(write() == [false, false])
        #expect(redis.run(KeepListScript("you", milliseconds: 600_000, keys: keys)) == .own(isNew: true))
        #expect(write() == [false, false] && ids(keys.all) == ["a"])
    }

    @Test("a listed task is due when Redis deletes it, or an hour later where that is not known")
    func due() {
        list(task("a", owner: "ann"), deletedAt: 5)
        list(task("b"), deletedAt: Int64(redis.milliseconds + 60_000))
        list(task("c"), deletedAt: nil)
        let taken = redis.run(TakeDueScript(keys.due, most: 9, milliseconds: 1_000)) ?? []
        #expect(taken.compactMap { ListedTask(member: $0.channel, startedAt: 0) } == [task("a", owner: "ann", at: 0)])
        let left = (redis.call("ZSCORE", keys.due.key, "c ").int ?? 0) - redis.milliseconds
        #expect((3_590_000...3_600_000).contains(left))
        _ = redis.run(UnlistTaskScript(task("a", owner: "ann"), by: "me", keys: keys))
        #expect(redis.call("ZCARD", keys.due.key).int == 2)
    }

    @Test(
        "a cursor is a place, and any other text is none",
        arguments: [
            "", ":", "1", "1:", "1:a", "-1:a ", "a:b ", "9223372036854775808:a ", "1: alice", "1:a b c", "1:{} ",
            "1:a {}",
            "1.5:a ", "1e3:a ", " 1:a ",
        ])
    func noCursors(text: String) { #expect(ListedTask(cursor: text) == nil) }

    @Test("every place has a cursor", arguments: [0, 1, 1 << 31, 1 << 53, (1 << 53) + 1, Int64.max - 1, .max])
    func cursors(time: Int64) {
        for place in [task("a:b", at: time), task("a", owner: "x:1", at: time)] {
            #expect(ListedTask(cursor: place.cursor) == place)
            #expect(page(after: place).isEmpty)
        }
    }

    @Test("one loop has the lease at a time, gives it back, or loses it with time")
    func lease() {
        func keep(_ name: String, _ milliseconds: Int = 60_000) -> KeepListScript.Reply? {
            redis.run(KeepListScript(name, milliseconds: milliseconds, keys: keys))
        }
        redis.call("DEL", keys.keeper)
        #expect(keep("one") == .own(isNew: true) && keep("two") == .others && keep("one") == .own(isNew: false))
        #expect((59_000...60_000).contains(redis.call("PTTL", keys.keeper).int ?? 0))
        #expect(keep("two", 0) == .others && keep("two") == .others)
        #expect(keep("one", 0) == .others && keep("two") == .own(isNew: true))
    }

    // MARK: What a task says of itself

    private func loadFunction() {
        redis.call("FUNCTION", "LOAD", PublishFunction(naming: naming, limits: HistoryLimits()).source)
    }

    private func publish(_ json: String, to id: String = "t") {
        redis.call("FCALL", naming.publishFunction, "1", "task:\(id)", json)
    }

    private func facts(_ id: String = "t") -> TaskFacts.Reply? {
        redis.run(TaskFacts(of: Identifier(id)!, naming: naming))
    }

    /// The announcements while `body` runs.
    private func announcements(during body: () throws -> Void) rethrows -> [String] {
        let listener = RedisSocket(server)
        listener.call("SUBSCRIBE", naming.announcementsChannel)
        try body()
        var heard: [String] = []
        redis.call("PUBLISH", naming.announcementsChannel, "end")
        while let text = listener.message().list.last?.string, text != "end" { heard.append(text) }
        return heard
    }

    @Test("nodes hear when a task begins, gets its owner, ends and runs again, and of nothing in between")
    func announced() throws {
        loadFunction()
        let steps: [(event: String, isAnnounced: Bool)] = [
            (#"{"progress":1}"#, true), (#"{"progress":2}"#, false), (#"{"progress":3,"owner":"alice"}"#, true),
            (#"{"progress":4,"owner":"alice"}"#, false), (#"{"type":"failed","error":{"retryable":true}}"#, false),
            (#"{"type":"completed"}"#, true), (#"{"type":"note"}"#, false), (#"{"progress":0,"restart":true}"#, true),
            (#"{"type":"failed","error":"x"}"#, true),
        ]
        for step in steps {
            #expect(
                announcements { publish(step.event) } == (step.isAnnounced ? ["changed task:t"] : []), "\(step.event)")
        }
        #expect(facts()?.standing == .failed && facts()?.place?.owner?.text == "alice")
        let left = (facts()?.deletedAt ?? 0) - Int64(redis.milliseconds)
        #expect(left > 604_000_000 && facts("other") == .gone)
    }

    @Test("keys of another type, and times that no score holds, are read without harm")
    func hostile() {
        redis.call("RPUSH", "ft:{task:t}:m", "x")
        let (facts, outline) = (
            TaskFacts(of: Identifier("t")!, naming: naming), TaskOutline(of: Identifier("t")!, naming: naming)
        )
        let error = RedisReplyError(line: "WRONGTYPE Operation against a key holding the wrong kind of value")
        #expect(redis.send(facts.command.encoded).value == .error(error))
        #expect(facts.reply(to: error) == .gone && outline.reply(to: error) == .gone)
        let other = RedisReplyError(line: "NOPERM x")
        #expect(facts.reply(to: other) == nil && outline.reply(to: other) == nil)
        for (id, time) in ["-1", "0", "9007199254740991", "9007199254740992", "9223372036854775807", "1e300", "x"]
            .enumerated()
        {
            redis.call("HSET", "ft:{task:u\(id)}:m", "e", "x", "sa", time)
            guard let place = self.facts("u\(id)")?.place else { return #expect(Bool(false)) }
            #expect((0...ListedTask.latest).contains(place.startedAt))
            list(place)
            #expect(page().contains(place), "\(time)")
        }
    }

    @Test("topics are not announced")
    func topics() {
        loadFunction()
        #expect(announcements { redis.call("FCALL", naming.publishFunction, "1", "topic:t", "{}") } == [])
    }

    @Test("announcements are read as they were sent")
    func reading() {
        func read(_ text: String, _ naming: Naming = .standard) -> TaskAnnouncement? {
            Array(text.utf8).withUnsafeBytes { TaskAnnouncement($0, naming: naming) }
        }
        #expect(read("changed task:t") == .changed(Identifier("t")!))
        #expect(read("task:t") == .restarted(channel: "task:t"))
        let prefixed = Naming(channelPrefix: "eu:")!
        #expect(read("changed eu:task:t", prefixed) == .changed(Identifier("t")!))
        for text in [
            "", "changed ", "changed t", "changed topic:t", "topic:t", "changed user:t", "end",
            "changed changed task:t",
        ] {
            #expect(read(text) == nil, "\(text)")
        }
    }

    @Test("a walk finds every task, and nothing else")
    func scan() {
        loadFunction()
        let names = (0..<300).map { "t-\($0)" }
        for name in names { publish(#"{"progress":1}"#, to: name) }
        redis.call("FCALL", naming.publishFunction, "1", "topic:t", "{}")
        redis.call("HSET", "ft:{task:}:m", "e", "x")
        var (found, cursor): (Set<String>, String?) = ([], nil)
        repeat {
            guard let portion = redis.run(TaskScan(at: cursor, count: 100, naming: naming)) else { break }
            found.formUnion(portion.tasks.map(\.text))
            cursor = portion.next
        } while cursor != nil
        #expect(found == Set(names))
    }
}
