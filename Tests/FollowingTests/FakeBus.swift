import Events
import RESP
import Redis

/// A Redis that says what it is asked, and answers when the test wants it to.
final class FakeBus: Bus {
    let words = Words()
    var handler: (any BusHandler)?
    var messages: (any MessageHandler)?
    var onEvent: ((RedisEvent, RedisRole) -> Void)?
    var onReply: ((UInt64) -> Void)?
    var isReady = true
    var isListening = true
    var whyNotReady: RedisError { .notReady }
    var pendingCount: Int { reads.count }
    var isSpread: Bool { false }
    var masters: [any CommandBus] { [self] }
    var newcomers: [any CommandBus] { [] }
    private var reads: [Completion] = []

    func start() {}
    func close() {}
    func whenConnected(_ completion: @escaping (Result<Void, RedisFailure>) -> Void) { completion(.success(())) }
    func runID(for key: String) -> String? { isReady ? "run" : nil }

    func subscribe(_ channel: String) { words.say("subscribe \(channel)") }
    func unsubscribe(_ channel: String) { words.say("unsubscribe \(channel)") }
    func reconnect(hearing channel: String) { words.say("reconnect \(channel)") }

    func run(_ script: RedisScript, keys: [String], arguments: [[UInt8]], _ completion: @escaping Completion) {
        let place = arguments[1...2].map { String(decoding: $0, as: UTF8.self) }.joined(separator: ":")
        words.say(script.name + (place == ":" ? "" : " after \(place)"))
        reads.append(completion)
    }

    func send(_ command: RedisCommand, _ completion: @escaping Completion) { completion(.failure(.notReady)) }

    func publish(_ message: [UInt8], to channel: String, _ completion: @escaping Completion) {
        words.say("publish \(String(decoding: message, as: UTF8.self)) to \(channel)")
        completion(.success(.integer(1)))
    }

    /// Answers the last read. No effect where none is under way.
    func answer(_ value: RedisValue) { reads.popLast()?(.success(value)) }

    /// Redis does not answer the last read.
    func fail() { reads.popLast()?(.failure(.lost(.ended("gone")))) }
}

extension RedisValue {
    /// The answer of a task that stands at `top`, with its state and the entries of its history.
    static func standing(at top: Int64, entries: [Int64] = [], owner: String? = nil) -> RedisValue {
        var fields = [RedisValue](repeating: .null, count: 19)
        fields[0] = "e1".value
        fields[1] = .integer(top)
        fields[3] = #"{"type":"progress","progress":5}"#.value
        fields[5] = .integer(1_000)
        fields[9] = .array(
            entries.map { "\u{1}ft1:e1:\($0):1000\n{\"type\":\"progress\",\"progress\":\($0)}".value })
        fields[10] = owner?.value ?? .null
        return .array(fields)
    }

    /// The answer of a task that nobody has published to.
    static let unpublished = RedisValue.array([RedisValue](repeating: .null, count: 19))
}

extension String {
    fileprivate var value: RedisValue { .bulk(Array(utf8)) }
}
