import RESP

/// Decides when the log warns of a Redis that evicts keys: once for each advice, until no master needs it any more.
struct EvictionAdvice {
    /// What each master needs to be told.
    private var needed: [ObjectIdentifier: String] = [:]

    /// The masters that are asked now; forgets all others.
    mutating func ask(_ masters: Set<ObjectIdentifier>) {
        needed = needed.filter { masters.contains($0.key) }
    }

    /// Takes INFO's `memory` of a master; returns what the log does not have yet.
    mutating func news(_ info: RedisInfo, of master: ObjectIdentifier) -> String? {
        let advice = RedisAdvice.eviction(info)
        let isNew = advice.map { !needed.values.contains($0) } ?? false
        needed[master] = advice
        return isNew ? advice : nil
    }
}
