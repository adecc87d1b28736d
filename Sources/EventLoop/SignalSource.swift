internal import CLibuv
internal import Glibc

/// Tells of a signal sent to the process (SIGTERM, SIGINT, SIGHUP), on its loop and not within the signal handler.
/// Loop-confined; lives until it is closed or its loop ends. While there is one, the signal does nothing else.
public final class SignalSource {
    private let loop: EventLoop
    private let handler: () -> Void
    private var memory: HandleMemory?

    /// Has `handler` called for every `signal`. Several may watch the same one. Loop only.
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

    /// Has writing to a connection the peer has closed fail with `EPIPE` rather than end the process. Call it once,
    /// first of all: libuv writes with `writev`, which has no flag for that.
    public static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}

@available(*, unavailable)
extension SignalSource: Sendable {}

extension SignalSource: LoopHandle {
    func didClose() {}
}
