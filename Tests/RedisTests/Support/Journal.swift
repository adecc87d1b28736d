/// What has happened, in order; tests await what they expect instead of sleeping. Loop-confined.
///
/// Not to be awaited with a closure inside `#expect(…)`: Swift 6.3 gives that closure the symbol of the next one in the function,
/// and the next one is then silently the same.
final class Journal<Entry> {
    private var unread: [Entry] = []
    private(set) var all: [Entry] = []
    private var waiter: (matches: (Entry) -> Bool, resume: (Entry) -> Void)?

    func add(_ entry: Entry) {
        all.append(entry)
        unread.append(entry)
        wake()
    }

    /// The next entry that matches; those before it are passed over.
    @discardableResult
    func next(
        isolation: isolated (any Actor)? = #isolation, where matches: @escaping (Entry) -> Bool = { _ in true }
    ) async -> Entry where Entry: Sendable {
        await withCheckedContinuation(isolation: isolation) { continuation in
            precondition(waiter == nil, "Journal: two are waiting")
            waiter = (matches, { continuation.resume(returning: $0) })
            wake()
        }
    }

    private func wake() {
        guard let waiter else { return }
        while !unread.isEmpty {
            let entry = unread.removeFirst()
            guard waiter.matches(entry) else { continue }
            self.waiter = nil
            return waiter.resume(entry)
        }
    }
}
