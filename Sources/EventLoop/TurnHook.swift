/// Runs a closure at the end of every turn of its loop, before the thread sleeps. Loop-confined; the loop keeps the
/// hook until the owner removes it or the loop ends.
///
/// The hook then drops its closure, so the closure may own the hook's owner.
public final class TurnHook {
    private unowned let loop: EventLoop
    private var body: (() -> Void)?

    fileprivate init(loop: EventLoop, body: @escaping () -> Void) {
        self.loop = loop
        self.body = body
    }

    /// Whether the hook still runs.
    public var isInstalled: Bool { body != nil }

    /// Removes the hook at once, even when another hook of the same turn calls this. The second call does nothing.
    public func remove() {
        loop.assertCurrent()
        guard body != nil else { return }
        body = nil
        loop.sleepHooks.removeAll { $0 === self }
    }

    func run() { body?() }

    /// Drops the closure at the end of the loop, when no hook runs any more.
    func forget() { body = nil }
}

@available(*, unavailable)
extension TurnHook: Sendable {}

extension EventLoop {
    /// Adds a closure that runs at the end of every turn, before the thread sleeps: the place to write what a turn has
    /// gathered. Hooks run in the order of adding; a hook added by a hook first runs in the next turn. Work that a hook
    /// queues runs in the next turn, which comes at once. Loop only.
    @discardableResult
    public func beforeSleep(_ body: @escaping () -> Void) -> TurnHook {
        assertCurrent()
        let hook = TurnHook(loop: self, body: body)
        sleepHooks.append(hook)
        return hook
    }
}
