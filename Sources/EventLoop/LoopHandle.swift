internal import CLibuv

/// What owns a libuv handle. From `uv_*_init` until the callback of `uv_close` libuv remembers the handle, so its memory and
/// its owner are kept for that long.
public class LoopHandle {
    final let memory: UnsafeMutableRawPointer
    private final var isClosing = false

    /// Takes memory of a handle that has been initialised.
    init(adopting memory: UnsafeMutableRawPointer) {
        self.memory = memory
    }

    final var handle: UnsafeMutablePointer<uv_handle_t> { memory.assumingMemoryBound(to: uv_handle_t.self) }

    /// Ties the handle to this object, which now lives until the handle is closed.
    final func bind() { handle.pointee.data = Unmanaged.passRetained(self).toOpaque() }

    /// Whether `uv_close` has been called.
    final var isClosed: Bool { isClosing }

    /// Closes the handle, once.
    final func closeHandle() {
        guard !isClosing else { return }
        isClosing = true
        uv_close(handle) { handle in
            let owner = Unmanaged<LoopHandle>.fromOpaque(handle!.pointee.data)
            owner.takeUnretainedValue().didClose()
            owner.takeUnretainedValue().memory.deallocate()
            owner.release()
        }
    }

    /// libuv has let go of the handle.
    func didClose() {}

    /// The loop is stopping.
    func loopWillStop() { closeHandle() }

    static func owner<Owner: LoopHandle>(_ data: UnsafeMutableRawPointer?) -> Owner {
        unsafeDowncast(Unmanaged<LoopHandle>.fromOpaque(data!).takeUnretainedValue(), to: Owner.self)
    }
}
