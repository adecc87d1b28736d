/// Runs a closure last in every turn of its loop, before the thread sleeps. Loop-confined; the loop keeps it until it is
/// removed or the loop ends.
///
/// The closure is let go of then, so it may own whoever keeps the hook.
public final class TurnHook {
    private unowned let loop: EventLoop
    private var body: (() -> Void)?

    fileprivate init(loop: EventLoop, body: @escaping () -> Void) {
        self.loop = loop
        self.body = body
    }

    /// Whether it still runs.
    public var isInstalled: Bool { body != nil }

    /// Makes sure that it does not run any more, also where a hook before it in the same turn says so. Nothing happens the
    /// second time.
    public func remove() {
        loop.assertCurrent()
        guard body != nil else { return }
        body = nil
        loop.sleepHooks.removeAll { $0 === self }
    }

    func run() { body?() }

    /// Lets go of the closure at the end of the loop, when nothing runs any more.
    func forget() { body = nil }
}

@available(*, unavailable)
extension TurnHook: Sendable {}

extension EventLoop {
    /// Adds to what runs last in every turn, before the thread sleeps: the place to write what a turn has gathered. Hooks
    /// run in the order of adding; one that is added by a hook runs from the next turn on. What a hook queues runs in a
    /// next turn, which comes at once. Loop only.
    @discardableResult
    public func beforeSleep(_ body: @escaping () -> Void) -> TurnHook {
        assertCurrent()
        let hook = TurnHook(loop: self, body: body)
        sleepHooks.append(hook)
        return hook
    }
}
