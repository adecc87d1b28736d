internal import CLibuv

/// Hears of a signal on a loop. Confined to its loop.
public final class SignalSource: LoopHandle {
    private let handler: () -> Void

    /// Calls `handler` on every `signal` of the process, until closed.
    public init(loop: EventLoop, signal: Int32, handler: @escaping () -> Void) throws(SystemError) {
        self.handler = handler
        let memory = UnsafeMutablePointer<uv_signal_t>.allocate(capacity: 1)
        super.init(adopting: memory)
        try SystemError.check(uv_signal_init(loop.uv, memory), "uv_signal_init")
        bind()
        let status = uv_signal_start(
            memory,
            { signal, _ in
                let source: SignalSource = LoopHandle.owner(signal!.pointee.data)
                source.handler()
            }, signal)
        try SystemError.check(status, "uv_signal_start")
    }

    /// Hears nothing more.
    public func close() { closeHandle() }
}

@available(*, unavailable)
extension SignalSource: Sendable {}
