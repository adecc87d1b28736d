internal import CLibuv
internal import Glibc

/// Reports a signal to the process (SIGTERM, SIGINT, SIGHUP) on its loop, outside the signal handler. Loop-confined;
/// lives until the owner closes it or its loop ends. Meanwhile the signal has no other effect.
public final class SignalSource {
    private let loop: EventLoop
    private let handler: () -> Void
    private var memory: HandleMemory?

    /// Calls `handler` for every `signal`. Several sources may watch one signal. Loop only.
    public init(loop: EventLoop, signal: Int32, handler: @escaping () -> Void) throws(SystemError) {
        loop.assertCurrent()
        guard !loop.isStopping else { throw SystemError(.watch, code: ECANCELED) }
        self.loop = loop
        self.handler = handler
        let memory = HandleMemory.allocate(UV_SIGNAL)
        // Fails only when there is no descriptor for libuv's own pipe.
        let initialised = uv_signal_init(loop.uv, memory.signal)
        guard initialised == 0 else {
            memory.raw.deallocate()
            throw SystemError(.watch, code: initialised)
        }
        self.memory = memory
        loop.adopt(memory, owner: self)
        let code = uv_signal_start(
            memory.signal,
            { handle, _ in Unmanaged<SignalSource>.fromOpaque(handle!.pointee.data).takeUnretainedValue().handler() },
            signal)
        guard code == 0 else {
            close()
            throw SystemError(.watch, code: code)
        }
    }

    /// Stops watching. Once or often.
    public func close() {
        loop.assertCurrent()
        guard let memory = memory.take() else { return }
        loop.close(memory)
    }

    /// Makes a write to a connection that the peer has closed fail with `EPIPE` instead of ending the process. Call it
    /// once, before everything else: libuv writes with `writev`, which has no flag for that.
    public static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}

@available(*, unavailable)
extension SignalSource: Sendable {}

extension SignalSource: LoopHandle {
    func didClose() {}
}
