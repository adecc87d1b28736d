internal import CLibuv

/// Owner of one libuv handle. Between ``EventLoop/adopt(_:owner:)`` and ``didClose()`` libuv uses the handle's memory
/// and keeps the owner alive.
protocol LoopHandle: AnyObject {
    /// Starts to close; once or often.
    func close()
    /// libuv is done with the handle; the return frees its memory. The last call.
    func didClose()
}

/// A handle's memory, for C's casts between handle types.
struct HandleMemory {
    let raw: UnsafeMutableRawPointer

    /// Zeroed memory of the type's size: a handle that was never initialised looks closed.
    static func allocate(_ type: uv_handle_type) -> HandleMemory {
        let size = uv_handle_size(type)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        raw.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        return HandleMemory(raw: raw)
    }

    var handle: UnsafeMutablePointer<uv_handle_t> { raw.assumingMemoryBound(to: uv_handle_t.self) }
    var stream: UnsafeMutablePointer<uv_stream_t> { raw.assumingMemoryBound(to: uv_stream_t.self) }
    var tcp: UnsafeMutablePointer<uv_tcp_t> { raw.assumingMemoryBound(to: uv_tcp_t.self) }
    var pipe: UnsafeMutablePointer<uv_pipe_t> { raw.assumingMemoryBound(to: uv_pipe_t.self) }
    var poll: UnsafeMutablePointer<uv_poll_t> { raw.assumingMemoryBound(to: uv_poll_t.self) }
    var signal: UnsafeMutablePointer<uv_signal_t> { raw.assumingMemoryBound(to: uv_signal_t.self) }
}

extension EventLoop {
    /// Hands an initialised handle to libuv: from here on `owner` lives until the handle is closed.
    func adopt(_ memory: HandleMemory, owner: some LoopHandle) {
        uv_handle_set_data(memory.handle, Unmanaged<AnyObject>.passRetained(owner).toOpaque())
        openHandles += 1
    }

    /// Closes an adopted handle.
    func close(_ memory: HandleMemory) {
        uv_close(memory.handle) { handle in
            let owner = Unmanaged<AnyObject>.fromOpaque(uv_handle_get_data(handle)).takeRetainedValue()
            EventLoop.owner(of: uv_handle_get_loop(handle)).openHandles -= 1
            (owner as! any LoopHandle).didClose()
            UnsafeMutableRawPointer(handle!).deallocate()
        }
    }
}

/// A libuv request with the object that must live until its callback.
final class LoopRequest<Kind, Context> {
    let pointer = UnsafeMutablePointer<Kind>.allocate(capacity: 1)
    let context: Context

    init(_ context: Context) {
        self.context = context
    }

    deinit { pointer.deallocate() }

    /// Keeps the request until the callback takes it back, and returns the pointer for libuv.
    func retainedPointer() -> UnsafeMutablePointer<Kind> {
        uv_req_set_data(base, Unmanaged.passRetained(self).toOpaque())
        return pointer
    }

    /// libuv has refused the request: no callback will come.
    func abandon() {
        Unmanaged.passUnretained(self).release()
    }

    /// In the callback: the request whose pointer libuv gives back.
    static func taken(from pointer: UnsafeMutablePointer<Kind>) -> LoopRequest {
        let base = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: uv_req_t.self)
        return Unmanaged<LoopRequest>.fromOpaque(uv_req_get_data(base)).takeRetainedValue()
    }

    private var base: UnsafeMutablePointer<uv_req_t> {
        UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: uv_req_t.self)
    }
}
