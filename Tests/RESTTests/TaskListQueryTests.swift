import Access
import Events
import Store
import Testing
import Token

@testable import HTTP
@testable import REST

@Suite("What a request for the list of tasks asks for")
struct TaskListQueryTests {
    private static let ann = Caller.user(Claims(user: "ann"))
    private static let all = Caller.user(Claims(user: "ann", scopes: ["tasks:*"]))

    private func set(_ items: [(String, String)], _ caller: Caller = all) throws -> String {
        let query = Query(items: items.map { Query.Item(name: $0.0, value: $0.1) })
        return try TaskListQuery(query, of: caller).set(of: TaskListKeys(.standard))
    }

    private func status(_ items: [(String, String)], _ caller: Caller = all) -> Int? {
        do { _ = try set(items, caller) } catch { return (error as? Refusal)?.response.status }
        return nil
    }

    @Test("the smallest set that has all tasks is read")
    func sets() throws {
        #expect(try set([]) == "ft:{tasks}:all")
        #expect(try set([("status", "failed")]) == "ft:{tasks}:failed")
        #expect(try set([("status", "Completed")]) == "ft:{tasks}:completed")
        for word in ["active", "QUEUED", "processing", "running", "ENCODING"] {
            #expect(try set([("status", word)]) == "ft:{tasks}:active")
        }
        #expect(try set([("owner", "bob"), ("status", "failed")]) == "ft:{tasks}:owner:bob")
    }

    @Test("the operator and whoever may watch every task list all; others their own")
    func rights() throws {
        for caller in [Caller.operatorKey, .demo, Self.all, .user(Claims(user: "x", tasks: ["*"]))] {
            #expect(try set([], caller) == "ft:{tasks}:all")
            #expect(try set([("owner", "bob")], caller) == "ft:{tasks}:owner:bob")
        }
        for caller in [Self.ann, .user(Claims(user: "ann", scopes: ["publish", "admin"], tasks: ["a*", "b"]))] {
            #expect(try set([], caller) == "ft:{tasks}:owner:ann")
            #expect(try set([("owner", "ann")], caller) == "ft:{tasks}:owner:ann")
            #expect(status([("owner", "bob")], caller) == 403)
        }
        #expect(status([], .user(Claims(user: "not an id"))) == 403)
    }

    @Test("a bad value is refused")
    func bad() {
        for limit in ["", "0", "-1", "201", "1.0", "x", "2147483648", "9223372036854775808"] {
            #expect(status([("limit", limit)]) == 400, "\(limit)")
        }
        for text in ["", String(repeating: "x", count: 65)] { #expect(status([("status", text)]) == 400) }
        for owner in ["", "a b", "{}"] { #expect(status([("owner", owner)]) == 400) }
        #expect(status([("cursor", "x")]) == 400 && status([("cursor", "")]) == nil)
        #expect(status([("status", String(repeating: "é", count: 64))]) == nil)
    }
}

@Suite("Which tasks of the list are wanted")
struct TaskFilterTests {
    /// The standings of tasks, and each filter with those that it admits.
    private static let tasks: [(String, TaskKnowledge)] = [
        ("none", TaskKnowledge()), ("queued", TaskKnowledge(status: "Queued")),
        ("running", TaskKnowledge(status: "RUNNING")), ("encoding", TaskKnowledge(status: "encoding")),
        ("completed", TaskKnowledge(status: "COMPLETED", hasEnded: true)),
        ("failed", TaskKnowledge(status: "FAILED", hasEnded: true)), ("retried", TaskKnowledge(status: "FAILED")),
    ]

    @Test(
        "by status",
        arguments: [
            (nil, "none queued running encoding completed failed retried"),
            ("active", "none queued running encoding retried"), ("queued", "queued"), ("PROCESSING", "none running"),
            ("running", "none running"), ("Encoding", "encoding"), ("completed", "completed"), ("nothing", ""),
            ("failed", "failed"),
        ] as [(String?, String)])
    func admitted(text: String?, wanted: String) throws {
        let filter = try #require(TaskFilter(text))
        let admitted = Self.tasks.filter { filter.admits(status: $0.1.status, hasEnded: $0.1.hasEnded) }
        #expect(admitted.map(\.0).joined(separator: " ") == wanted)
    }
}
