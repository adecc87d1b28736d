/// Dead loops that this one takes out, one after the other, a chunk at a time: Redis serves others in between.
struct DeadLoops {
    private var names: [String] = []

    /// Whether one is being taken out.
    var isBusy: Bool { !names.isEmpty }

    /// These were found dead; answers the first to take out. Only while it is not busy.
    mutating func begin(_ found: [String]) -> String? {
        names = found
        return names.first
    }

    /// A chunk was taken out, and there is more of the same loop or not; answers which one is next.
    mutating func didTakeOut(hasMore: Bool) -> String? {
        if !hasMore, !names.isEmpty { names.removeFirst() }
        return names.first
    }
}
