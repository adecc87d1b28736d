/// Something that happens once, later, unless it is cancelled. Confined to its loop.
public final class Timer {
    /// When it is due, in the loop's milliseconds.
    let deadline: UInt64
    private(set) var body: (() -> Void)?
    var slot = -1
    var index = -1
    weak var loop: EventLoop?

    init(deadline: UInt64, loop: EventLoop?, body: @escaping () -> Void) {
        self.deadline = deadline
        self.loop = loop
        self.body = body
    }

    /// It will not happen. Does nothing when it has happened already.
    public func cancel() {
        body = nil
        loop?.forget(self)
    }

    func fire() {
        let body = self.body
        self.body = nil
        body?()
    }
}

@available(*, unavailable)
extension Timer: Sendable {}
