/// The dead loops that this one reaps, one after the other, a chunk at a time: Redis serves others in between.
struct DeadLoops {
    private var names: [String] = []

    /// Whether a loop is being reaped.
    var isBusy: Bool { !names.isEmpty }

    /// Takes the names of dead loops; returns the first to reap. Only while it is not busy.
    mutating func begin(_ found: [String]) -> String? {
        names = found
        return names.first
    }

    /// A chunk was reaped, and the same loop has more or not; returns the loop to reap next.
    mutating func didTakeOut(hasMore: Bool) -> String? {
        if !hasMore, !names.isEmpty { names.removeFirst() }
        return names.first
    }
}
