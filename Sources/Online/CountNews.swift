/// When the clients of `presence` are told anew how many are online: a client adds and subtracts what is announced, and what was
/// not announced, or went by, would make it wrong for ever.
struct CountNews {
    private var isDue = false
    /// What had not been announced when clients were last told the count.
    private var unannounced: Int64?

    /// What clients count may be wrong: the next heartbeat that Redis answers tells them.
    mutating func mayBeWrong() { isDue = true }

    /// A heartbeat is sent; answers whether its answer is to be told. An answer that is under way already may be older than the
    /// cause.
    mutating func ask() -> Bool {
        defer { isDue = false }
        return isDue
    }

    /// A heartbeat was not answered.
    mutating func didFail(isTelling: Bool) {
        if isTelling { isDue = true }
    }

    /// Redis has answered: how many comings and goings ever were not announced. Answers whether clients are to be told the
    /// count. With too many users nobody is told: `isBroadcasting` is false.
    mutating func receive(unannounced now: Int64?, isTelling: Bool, isBroadcasting: Bool) -> Bool {
        let isUnheard = unannounced != nil && unannounced != now && isBroadcasting
        if unannounced == nil || isUnheard { unannounced = now }
        return isTelling || isUnheard
    }
}
