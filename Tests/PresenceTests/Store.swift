import Presence
import RedisFixture

/// The scripts on a real Redis, as a node calls them.
final class Store {
    static let base = "ft:{online}:"
    let redis: RedisSocket
    var lease = 6_000
    var heartbeat = 2_000
    var grace = 0
    private let server: RedisServerProcess

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
    }

    func key(_ name: String) -> String { Self.base + name }

    @discardableResult
    func register(_ incarnation: String, again: Bool = false) -> Int? {
        redis.eval(
            LeaseScripts.register, keys: [Self.base],
            [incarnation, "node", "0", "1", "\(lease)", again ? "1" : "0"]
        ).int
    }

    /// The verdict: 0 unknown, 1 as believed, 2 different.
    @discardableResult
    func beat(_ incarnation: String, users: Int, connections: Int) -> Int? {
        redis.eval(
            LeaseScripts.heartbeat, keys: [Self.base], [incarnation, "\(users)", "\(connections)", "\(lease)"]
        ).list.first?.int
    }

    /// The incarnations that are to be taken out.
    func tick() -> [String] {
        redis.eval(
            LeaseScripts.tick, keys: [Self.base], ["\(lease)", "\(heartbeat)", "everyone", "1000"]
        ).list.compactMap(\.string)
    }

    /// Whether there is more to take out.
    @discardableResult
    func reap(_ incarnation: String, chunk: Int = 100, isOwn: Bool = false) -> Bool {
        redis.eval(
            LeaseScripts.reap, keys: [Self.base],
            [incarnation, "\(chunk)", "\(grace)", "\(heartbeat)", isOwn ? "1" : "0"]
        ).int == 1
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
        let pairs = users.flatMap { [$0.0, "\($0.1)"] }
        return redis.eval(
            CountScripts.write, keys: [Self.base],
            [incarnation, "\(connections)", "\(grace)", "everyone", "1000", isRepeated ? "1" : "0"] + pairs
        ).list.compactMap(\.int)
    }

    @discardableResult
    func setViewers(_ incarnation: String, _ task: String, _ count: Int) -> Int? {
        redis.eval(CountScripts.setViewers, keys: [Self.base, "ft:{task:\(task)}:p"], [incarnation, "\(count)", "60"])
            .int
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
    var now: Int {
        let time = redis.call("TIME").list
        return (time[0].int ?? 0) * 1000 + (time[1].int ?? 0) / 1000
    }

    /// Bytes that Redis says it uses.
    var usedMemory: Int {
        let lines = (redis.call("INFO", "memory").string ?? "").split(whereSeparator: \.isNewline)
        let line = lines.first { $0.hasPrefix("used_memory:") }
        return line.flatMap { Int($0.dropFirst("used_memory:".count)) } ?? 0
    }

    var keys: Set<String> { Set(redis.call("KEYS", "*").list.compactMap(\.string)) }
}
