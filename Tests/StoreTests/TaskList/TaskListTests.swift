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
    }

    private func task(_ id: String, owner: String? = nil, at time: Int64 = 1) -> ListedTask {
        ListedTask(id: Identifier(id)!, owner: owner.flatMap { Identifier($0) }, startedAt: time)
    }

    private func list(_ task: ListedTask, _ standing: TaskStanding = .active) {
        #expect(redis.run(ListTaskScript(task, standing, keys: keys)) == 1)
    }

    private func page(_ set: String? = nil, after last: ListedTask? = nil, count: Int = 50) -> [ListedTask] {
        redis.run(TaskPageScript(of: set ?? keys.all, after: last, count: count)) ?? []
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
        #expect(redis.run(UnlistTaskScript(task("a", owner: "alice"), keys: keys)) == 1)
        #expect(redis.call("KEYS", "*").list.isEmpty)
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

    @Test("a page goes on where the last task of the page before has gone")
    func gone() {
        for name in ["a", "b", "c", "d"] { list(task(name)) }
        #expect(page(count: 2).map(\.id.text) == ["d", "c"])
        _ = redis.run(UnlistTaskScript(task("c"), keys: keys))
        #expect(page(after: task("c")).map(\.id.text) == ["b", "a"])
    }

    @Test("what somebody else wrote into a set is left out")
    func foreign() {
        list(task("a"))
        for member in ["", " ", "no-space", "b {x}", "é ", "c a b"] { redis.call("ZADD", keys.all, "5", member) }
        redis.call("ZADD", keys.all, "inf", "b ")
        #expect(ids(keys.all) == ["a"])
    }

    @Test(
        "a cursor is a place, and any other text is none",
        arguments: [
            "", ":", "1", "1:", "1:a", "-1:a ", "a:b ", "9223372036854775808:a ", "1: alice", "1:a b c", "1:{} ",
            "1:a {}",
            "1.5:a ", "1e3:a ", " 1:a ",
        ])
    func noCursors(text: String) { #expect(ListedTask(cursor: text) == nil) }

    @Test("every place has a cursor", arguments: [0, 1, 1 << 31, 1 << 53, Int64.max - 1, .max])
    func cursors(time: Int64) {
        for place in [task("a:b", at: time), task("a", owner: "x:1", at: time)] {
            #expect(ListedTask(cursor: place.cursor) == place)
            #expect(page(after: place).isEmpty)
        }
    }

    @Test("one loop has the lease at a time, gives it back, or loses it with time")
    func lease() {
        func keep(_ name: String, _ milliseconds: Int = 60_000) -> Bool? {
            redis.run(KeepListScript(name, milliseconds: milliseconds, keys: keys))
        }
        #expect(keep("one") == true && keep("two") == false && keep("one") == true)
        #expect(keep("two", 0) == false && keep("two") == false)
        #expect(keep("one", 0) == false && keep("two", 1) == true)
        #expect((1...60_000).contains(redis.call("PTTL", keys.keeper).int ?? 0) || keep("three") == true)
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
        #expect(facts("other") == TaskFacts.Reply(place: nil, standing: .active))
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
