import Events
import HTTP
import Presence
import RESP
import Redis

/// What REST asks Redis of presence.
struct PresenceQueries {
    let bus: any Bus
    let keys: PresenceKeys

    /// Calls a script of presence.
    nonisolated(nonsending) func run(
        _ script: RedisScript, _ arguments: [String] = []
    ) async throws(Refusal) -> RedisValue {
        do {
            return try await bus.run(script, keys: [keys.base], arguments: arguments.map { Array($0.utf8) })
        } catch {
            throw Refusal(error)
        }
    }

    /// How many users are online.
    nonisolated(nonsending) func onlineCount() async throws(Refusal) -> Int64 {
        do {
            return try await bus.send(RedisCommand("HLEN", .string(keys.base + "u"))).integer ?? 0
        } catch {
            throw Refusal(error)
        }
    }

    /// What is answered where a script says something that it cannot say.
    static var unexpected: Refusal { Refusal(500, .unavailable, "unexpected reply of a presence script") }
}
