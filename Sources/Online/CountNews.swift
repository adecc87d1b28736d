/// Decides when clients of `presence` are told the count again. Clients add and subtract announced changes, so a change
/// that was not announced, or a lost announcement, would leave the count wrong for ever.
struct CountNews {
    private var isDue = false
    /// The number of unannounced changes when clients were last told the count.
    private var unannounced: Int64?

    /// Clients' counts may be wrong: the next heartbeat that Redis answers tells them.
    mutating func mayBeWrong() { isDue = true }

    /// A heartbeat is sent; returns whether its answer must be told. An answer that is already under way may be older
    /// than the cause.
    mutating func ask() -> Bool {
        defer { isDue = false }
        return isDue
    }

    /// A heartbeat was not answered.
    mutating func didFail(isTelling: Bool) {
        if isTelling { isDue = true }
    }

    /// Redis answered with the number of changes ever that were not announced. Returns whether to tell clients the
    /// count. With too many users no client is told: `isBroadcasting` is false.
    mutating func receive(unannounced now: Int64?, isTelling: Bool, isBroadcasting: Bool) -> Bool {
        let isUnheard = unannounced != nil && unannounced != now && isBroadcasting
        if unannounced == nil || isUnheard { unannounced = now }
        return isTelling || isUnheard
    }
}
