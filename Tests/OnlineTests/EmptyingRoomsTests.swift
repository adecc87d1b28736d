import EventLoop
import Events
import RESP
import Redis
import Store
import Testing

@testable import Online

@Suite("The rooms of a dead loop")
struct EmptyingRoomsTests {
    /// Empties `rooms`, of which some are out of reach; says which are taken off the list, and whether there is more.
    private func empty(_ rooms: [String], outOfReach: Set<String>) throws -> (left: [String]?, hasMore: Bool?) {
        let redis = Rooms(rooms, outOfReach)
        let store = PresenceStore(
            loop: try EventLoop(name: "test"), redis: redis, naming: .standard, keys: PresenceKeys(.standard),
            limits: PresenceLimits())
        var hasMore: Bool?
        EmptyingRooms(of: "dead", store: store) { hasMore = $0 }.start()
        return (redis.left, hasMore)
    }

    @Test("are left once they are emptied, and asked for again")
    func all() throws {
        let (left, hasMore) = try empty(["a", "b"], outOfReach: [])
        #expect(left == ["a", "b"] && hasMore == true)
    }

    @Test("are left where they were emptied; those out of reach are tried again")
    func some() throws {
        let (left, hasMore) = try empty(["a", "b", "c"], outOfReach: ["b"])
        #expect(left == ["a", "c"] && hasMore == true)
    }

    @Test("are tried again later where none could be emptied")
    func none() throws {
        let (left, hasMore) = try empty(["a", "b"], outOfReach: ["a", "b"])
        #expect(left == nil && hasMore == false)
    }

    @Test("are done where there are none")
    func empty() throws {
        let (left, hasMore) = try empty([], outOfReach: [])
        #expect(left == nil && hasMore == false)
    }
}

/// A Redis with the rooms of one loop, some of which are at a server that is away.
private final class Rooms: CommandBus {
    private let rooms: [String]
    private let outOfReach: Set<String>
    /// The rooms taken off the loop's list.
    private(set) var left: [String]?

    init(_ rooms: [String], _ outOfReach: Set<String>) {
        self.rooms = rooms
        self.outOfReach = outOfReach
    }

    func send(_ command: RedisCommand, _ completion: @escaping Completion) {
        // In RESP, every other line is the length of the word after it.
        let lines = String(decoding: command.encoded, as: UTF8.self).split(separator: "\r\n")
        let words = stride(from: 2, to: lines.count, by: 2).map { String(lines[$0]) }
        switch words[0] {
        case "SRANDMEMBER": completion(.success(.array(rooms.map { .bulk(Array($0.utf8)) })))
        case "HDEL" where outOfReach.contains(words[1]): completion(.failure(.notReady))
        case "SREM":
            left = Array(words[2...])
            fallthrough
        default: completion(.success(.integer(1)))
        }
    }

    var onEvent: ((RedisEvent, RedisRole) -> Void)?
    var onReply: ((UInt64) -> Void)?
    var isReady: Bool { true }
    var isSpread: Bool { false }
    var whyNotReady: RedisError { .notReady }
    var pendingCount: Int { 0 }
    var masters: [any CommandBus] { [self] }
    var newcomers: [any CommandBus] { [] }

    func start() {}
    func close() {}
    func whenConnected(_ completion: @escaping (Result<Void, RedisFailure>) -> Void) { completion(.success(())) }
    func runID(for key: String) -> String? { nil }
    func run(_ script: RedisScript, keys: [String], arguments: [[UInt8]], _ completion: @escaping Completion) {}
    func publish(_ message: [UInt8], to channel: String, _ completion: @escaping Completion) {}
}
