import RESP
import RedisFixture

@testable import Store

/// The presence scripts on a real Redis, as a node calls them.
final class PresenceStore {
    let redis: RedisSocket
    let keys = PresenceKeys(.standard)
    var lease = 6_000
    var heartbeat = 2_000
    var grace = 0
    private let server: RedisServerProcess

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
    }

    private var limits: PresenceLimits {
        PresenceLimits(
            heartbeatMilliseconds: heartbeat, leaseMilliseconds: lease, graceMilliseconds: grace, broadcastUpTo: 1_000)
    }

    func key(_ name: String) -> String { keys.key(name) }

    @discardableResult
    func register(_ incarnation: String, again: Bool = false) -> Bool {
        redis.run(
            RegisterLoopScript(
                incarnation, of: "node", loop: 0, version: "1", leaseMilliseconds: lease, again: again, keys: keys))
            != nil
    }

    /// The verdict: 0 unknown, 1 as believed, 2 different.
    @discardableResult
    func beat(_ incarnation: String, users: Int, connections: Int) -> Int? {
        let reply = redis.run(
            HeartbeatScript(
                incarnation, users: users, connections: connections, leaseMilliseconds: lease, keys: keys))
        guard case .registered(let counts) = reply else { return reply == .unregistered ? 0 : nil }
        return counts.isAsBelieved ? 1 : 2
    }

    /// The incarnations to reap.
    func tick() -> [String] { redis.run(TickScript(limits: limits, everyone: "everyone", keys: keys))?.gone ?? [] }

    /// Whether there is more to reap. Rooms are emptied as a node does it, one after the other.
    @discardableResult
    func reap(_ incarnation: String, chunk: Int = 100, isOwn: Bool = false) -> Bool {
        let script = ReapScript(incarnation, chunk: chunk, limits: limits, isOwn: isOwn, keys: keys)
        switch redis.run(script) {
        case .users: return true
        case .rooms:
            let rooms = redis.run(RoomsRequest(of: incarnation, keys: keys)) ?? []
            for room in rooms.prefix(chunk) {
                redis.run(EmptyRoom(room, of: incarnation))
                redis.run(LeaveRooms([room], by: incarnation, keys: keys))
            }
            return true
        case .done, nil: return false
        }
    }

    /// `[1, announced, version, totals…]`, or `[0]`.
    @discardableResult
    func write(
        _ incarnation: String, connections: Int, _ users: KeyValuePairs<String, Int>, isRepeated: Bool = false
    ) -> [Int] {
        write(incarnation, connections: connections, users.map { ($0.key, $0.value) }, isRepeated: isRepeated)
    }

    @discardableResult
    func write(
        _ incarnation: String, connections: Int, _ users: [(String, Int)], isRepeated: Bool = false
    ) -> [Int] {
        let reply = redis.run(
            WriteCountsScript(
                users.map { (user: $0.0, connections: $0.1) }, of: incarnation, connections: connections,
                isRepeated: isRepeated, limits: limits, everyone: "everyone", keys: keys))
        guard case .written(let written) = reply else { return reply == .unregistered ? [0] : [] }
        return [1, written.announced, Int(written.version)] + written.totals
    }

    /// Whether it was written, in two steps, as a node does it.
    @discardableResult
    func setViewers(_ incarnation: String, _ task: String, _ count: Int) -> Bool {
        let room = "ft:{task:\(task)}:p"
        if count == 0 {
            return redis.run(WriteViewersScript(0, in: room, of: incarnation)) != nil
                && redis.run(LeaveRooms([room], by: incarnation, keys: keys)) != nil
        }
        return redis.run(HoldRoomScript(room, by: incarnation, keys: keys)) == true
            && redis.run(WriteViewersScript(count, in: room, of: incarnation)) != nil
    }

    func viewers(_ task: String) -> Int {
        redis.call("HVALS", "ft:{task:\(task)}:p").list.reduce(0) { $0 + ($1.int ?? 0) }
    }

    /// A hash of numbers.
    func counts(_ name: String) -> [String: Int] {
        let fields = redis.call("HGETALL", key(name)).list
        return stride(from: 0, to: fields.count, by: 2).reduce(into: [:]) {
            $0[fields[$1].string ?? ""] = fields[$1 + 1].int
        }
    }

    /// The members of a sorted set.
    func members(_ name: String) -> Set<String> {
        Set(redis.call("ZRANGE", key(name), "0", "-1").list.compactMap(\.string))
    }

    /// Redis' time in milliseconds.
    var now: Int { redis.milliseconds }

    /// The memory that Redis reports as used.
    var usedMemory: Int {
        let lines = (redis.call("INFO", "memory").string ?? "").split(whereSeparator: \.isNewline)
        let line = lines.first { $0.hasPrefix("used_memory:") }
        return line.flatMap { Int($0.dropFirst("used_memory:".count)) } ?? 0
    }

    /// The names of all keys.
    var stored: Set<String> { Set(redis.call("KEYS", "*").list.compactMap(\.string)) }
}
