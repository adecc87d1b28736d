import Base
import RESP

/// The commands that wait for replies: in the order of the calls, in which they complete, and in the order of the wire,
/// in which replies come. The orders differ only after a NOSCRIPT, when the connection sends a call a second time.
struct PendingCommands {
    typealias Completion = (Result<RedisValue, RedisError>) -> Void

    private struct Entry {
        let completion: Completion
        let byteCount: Int
        let deadline: UInt64
        var kind: Kind
        var result: Result<RedisValue, RedisError>?
    }

    private enum Kind {
        case command
        /// Sent as EVALSHA, or waiting for it: after NOSCRIPT the connection sends the call again.
        case digest(ScriptCall)
        /// Sent as EVAL: any reply is the answer.
        case text

        var isScript: Bool { if case .command = self { false } else { true } }
    }

    private var entries = Queue<Entry>()
    /// The number of the first of ``entries``; numbers only grow.
    private var firstNumber: UInt64 = 0
    private var wire = Queue<UInt64>()
    private var scriptsOnWire = 0
    /// Calls that Redis answered with NOSCRIPT.
    private var failed: [UInt64] = []
    /// Calls made after the first of ``failed``; sent now, they would overtake the failed calls.
    private var held: [UInt64] = []
    private(set) var byteCount = 0

    var count: Int { entries.count }

    /// Whether `bytes` more would pass a bound.
    func isFull(adding bytes: Int) -> Bool {
        entries.count >= RedisLimits.maxPendingCommands || byteCount + bytes > RedisLimits.maxPendingBytes
    }

    /// Adds a command that the connection sends now.
    mutating func add(byteCount: Int, deadline: UInt64, _ completion: @escaping Completion) {
        let number = append(.command, byteCount, deadline, completion)
        wire.append(number)
    }

    /// Adds a call of a script; true if it must be sent now, by digest. If not, ``takeRepeats()`` returns it later.
    mutating func add(
        _ call: ScriptCall, byteCount: Int, deadline: UInt64, _ completion: @escaping Completion
    ) -> Bool {
        let number = append(.digest(call), byteCount, deadline, completion)
        guard failed.isEmpty else {
            held.append(number)
            return false
        }
        wire.append(number)
        scriptsOnWire += 1
        return true
    }

    private mutating func append(
        _ kind: Kind, _ byteCount: Int, _ deadline: UInt64, _ completion: @escaping Completion
    ) -> UInt64 {
        entries.append(Entry(completion: completion, byteCount: byteCount, deadline: deadline, kind: kind))
        self.byteCount += byteCount
        return firstNumber + UInt64(entries.count - 1)
    }

    /// Gives a reply to its command. Call ``takeRepeats()`` and ``popFinished()`` next.
    mutating func receive(_ reply: RedisValue) throws(RedisFailure) {
        guard let number = wire.popFirst() else { throw .nonsense("a reply without a command") }
        let offset = Int(number - firstNumber)
        if entries[offset].kind.isScript { scriptsOnWire -= 1 }
        switch (reply, entries[offset].kind) {
        case (.error(let error), .digest) where error.code == "NOSCRIPT": failed.append(number)
        case (.error(let error), _): entries[offset].result = .failure(.reply(error))
        default: entries[offset].result = .success(reply)
        }
    }

    /// The calls to repeat after a NOSCRIPT; the first of each script goes as text and loads the script for the others.
    ///
    /// Only once Redis has answered all calls on the wire: after an operator's SCRIPT FLUSH the later calls fail too,
    /// and a call sent between them and their repetition would overtake them. So scripts run in the order of the calls
    /// (unless another client loads the script just then).
    mutating func takeRepeats() -> [(call: ScriptCall, asText: Bool)] {
        guard !failed.isEmpty, scriptsOnWire == 0 else { return [] }
        let numbers = failed + held
        (failed, held) = ([], [])
        scriptsOnWire = numbers.count
        var loaded: Set<String> = []
        return numbers.compactMap { number in
            let offset = Int(number - firstNumber)
            guard case .digest(let call) = entries[offset].kind else { return nil }
            wire.append(number)
            let asText = loaded.insert(call.script.text).inserted
            if asText { entries[offset].kind = .text }
            return (call, asText)
        }
    }

    /// The oldest command, once it has its reply.
    mutating func popFinished() -> (completion: Completion, result: Result<RedisValue, RedisError>)? {
        guard let result = entries.first?.result, let entry = entries.popFirst() else { return nil }
        firstNumber += 1
        byteCount -= entry.byteCount
        return (entry.completion, result)
    }

    /// Removes all commands and returns those whose completion has not run, oldest first; a command with a reply keeps
    /// its own result.
    mutating func removeAll(failing error: RedisError) -> [(Completion, Result<RedisValue, RedisError>)] {
        var finished: [(Completion, Result<RedisValue, RedisError>)] = []
        while let entry = entries.popFirst() { finished.append((entry.completion, entry.result ?? .failure(error))) }
        self = PendingCommands()
        return finished
    }

    /// Whether the oldest command is past its deadline. All wait equally long, so no later command is overdue first.
    func isOverdue(at now: UInt64) -> Bool { entries.first.map { now >= $0.deadline } ?? false }
}
