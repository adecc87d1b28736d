/// What one connection is still to be told and cannot take yet: states and replays, each of which may be large. One begins
/// when the connection has taken most of what was sent before, so that no number of them overflows its outbox.
struct Pacer {
    private var waiting: [() -> Void] = []
    private var first = 0
    /// Whether a replay is being read for the connection; it counts as something it has to take.
    var isReplaying = false

    /// Whether anything waits.
    var isEmpty: Bool { first == waiting.count }
    /// How many wait.
    var count: Int { waiting.count - first }

    mutating func append(_ action: @escaping () -> Void) { waiting.append(action) }

    /// The one that has waited longest.
    mutating func next() -> (() -> Void)? {
        guard !isEmpty else { return nil }
        defer {
            first += 1
            if isEmpty { (waiting, first) = ([], 0) }
        }
        return waiting[first]
    }
}
