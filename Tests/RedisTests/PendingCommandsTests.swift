import Testing

@testable import RESP
@testable import Redis

@Suite("Pending commands")
struct PendingCommandsTests {
    private final class Log { var lines: [String] = [] }

    private let log = Log()
    private let script = RedisScript(name: "s", text: "#!lua\nreturn 1")
    private let noScript = RedisValue.error(RedisReplyError(line: "NOSCRIPT No matching script"))

    private func add(_ name: String, to pending: inout PendingCommands, deadline: UInt64 = 100) {
        pending.add(byteCount: 10, deadline: deadline) { [log] in log.lines.append("\(name) \($0)") }
    }

    /// Answers whether it is to be sent now.
    private func addCall(_ name: String, to pending: inout PendingCommands) -> Bool {
        let call = ScriptCall(script: script, keys: [name], arguments: [])
        return pending.add(call, byteCount: 10, deadline: 100) { [log] in log.lines.append("\(name) \($0)") }
    }

    private func repeats(_ pending: inout PendingCommands) -> [String] {
        pending.takeRepeats().map { "\($0.call.keys[0]) \($0.asText ? "text" : "digest")" }
    }

    private func finish(_ pending: inout PendingCommands) {
        while let (completion, result) = pending.popFinished() { completion(result) }
    }

    private func names() -> [String] { log.lines.map { String($0.prefix { $0 != " " }) } }

    @Test("complete in the order of the calls, an error reply as a failure")
    func order() throws {
        var pending = PendingCommands()
        add("a", to: &pending)
        add("b", to: &pending)
        #expect(pending.count == 2 && pending.byteCount == 20)
        try pending.receive(.integer(1))
        finish(&pending)
        try pending.receive(.error(RedisReplyError(line: "ERR x")))
        finish(&pending)
        #expect(log.lines == ["a success(RESP.RedisValue.integer(1))", "b failure(Redis answered: ERR x)"])
        #expect(pending.count == 0 && pending.byteCount == 0)
        #expect(throws: RedisFailure.self) { try pending.receive(.null) }
    }

    @Test("wait for a script that is sent again, so that replies keep their order")
    func noScriptOrder() throws {
        var pending = PendingCommands()
        #expect(addCall("a", to: &pending))
        add("b", to: &pending)
        try pending.receive(noScript)
        #expect(repeats(&pending) == ["a text"])
        try pending.receive(.integer(2))
        finish(&pending)
        #expect(log.lines.isEmpty)
        try pending.receive(.integer(1))
        finish(&pending)
        #expect(names() == ["a", "b"])
    }

    @Test("send calls again in their order, new ones behind them, and the text once")
    func noScriptCalls() throws {
        var pending = PendingCommands()
        for name in ["a", "b", "c"] { #expect(addCall(name, to: &pending)) }
        try pending.receive(.integer(1))
        try pending.receive(noScript)
        #expect(repeats(&pending) == [])
        // c is still on the wire: d would overtake it.
        #expect(!addCall("d", to: &pending))
        try pending.receive(noScript)
        #expect(repeats(&pending) == ["b text", "c digest", "d digest"])
        #expect(repeats(&pending) == [])
        #expect(addCall("e", to: &pending))
        for number in 2...5 { try pending.receive(.integer(Int64(number))) }
        finish(&pending)
        #expect(log.lines.map { $0.last(where: \.isNumber) } == ["1", "2", "3", "4", "5"])
        #expect(names() == ["a", "b", "c", "d", "e"])
    }

    @Test("are sent again after every flush")
    func noScriptAgain() throws {
        var pending = PendingCommands()
        for name in ["a", "b"] { #expect(addCall(name, to: &pending)) }
        for _ in 0..<2 { try pending.receive(noScript) }
        #expect(repeats(&pending) == ["a text", "b digest"])
        try pending.receive(.integer(1))
        try pending.receive(noScript)
        #expect(repeats(&pending) == ["b text"])
        try pending.receive(.integer(2))
        finish(&pending)
        #expect(names() == ["a", "b"])
    }

    @Test("send a text only once: what it is answered is the answer")
    func noScriptTwice() throws {
        var pending = PendingCommands()
        #expect(addCall("a", to: &pending))
        try pending.receive(noScript)
        #expect(repeats(&pending) == ["a text"])
        try pending.receive(noScript)
        #expect(repeats(&pending) == [])
        finish(&pending)
        #expect(names() == ["a"])
    }

    @Test("take NOSCRIPT for an answer to any other command")
    func noScriptOfEVALSHA() throws {
        var pending = PendingCommands()
        add("a", to: &pending)
        try pending.receive(noScript)
        #expect(repeats(&pending) == [])
        finish(&pending)
        #expect(names() == ["a"])
    }

    @Test("all fail together, but a reply that only waited for its turn is kept")
    func removeAll() throws {
        var pending = PendingCommands()
        _ = addCall("a", to: &pending)
        add("b", to: &pending)
        add("c", to: &pending)
        try pending.receive(noScript)
        try pending.receive(.integer(2))
        for (completion, result) in pending.removeAll(failing: .closed) { completion(result) }
        #expect(
            log.lines == [
                "a failure(\(RedisError.closed))", "b success(RESP.RedisValue.integer(2))",
                "c failure(\(RedisError.closed))",
            ])
        #expect(pending.count == 0 && pending.byteCount == 0)
        add("d", to: &pending)
        try pending.receive(.null)
    }

    @Test("are overdue when the oldest is")
    func deadline() throws {
        var pending = PendingCommands()
        #expect(!pending.isOverdue(at: .max))
        add("a", to: &pending, deadline: 100)
        add("b", to: &pending, deadline: 200)
        #expect(!pending.isOverdue(at: 99) && pending.isOverdue(at: 100))
        try pending.receive(.null)
        finish(&pending)
        #expect(!pending.isOverdue(at: 100) && pending.isOverdue(at: 200))
    }

    @Test("are bounded in number and in bytes")
    func bounds() {
        var pending = PendingCommands()
        #expect(pending.isFull(adding: RedisLimits.maxPendingBytes + 1))
        #expect(!pending.isFull(adding: RedisLimits.maxPendingBytes))
        for _ in 0..<RedisLimits.maxPendingCommands {
            #expect(!pending.isFull(adding: 10))
            add("a", to: &pending)
        }
        #expect(pending.isFull(adding: 0))
    }
}
