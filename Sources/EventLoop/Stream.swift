public import Bytes
internal import CLibuv
internal import Glibc

/// Receives what happens to a stream. All calls come on the loop; after ``streamDidEnd(_:_:)`` there are none.
public protocol StreamHandler: AnyObject {
    /// Bytes have come. They lie in the loop's one receive buffer and may be changed there; they are gone after the call.
    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer)
    /// The peer will send nothing more, but may still read. Close the stream, now or once all is said.
    func streamDidReachEnd(_ stream: Stream)
    /// What ``Stream/write(_:from:)`` was given has been written.
    func streamDidDrain(_ stream: Stream)
    /// The stream is closed. Comes exactly once, never inside a call of the handler's own.
    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd)
}

/// Why a stream was closed.
public enum StreamEnd: Equatable, Sendable {
    /// ``Stream/close()`` was called.
    case closed
    /// The connection broke: reset, timed out.
    case failed(SystemError)
}

/// A connected socket, TCP or unix. Confined to its loop.
public final class Stream: LoopHandle {
    /// Who hears of it. Kept alive until the stream has ended.
    public var handler: (any StreamHandler)?
    /// The loop it lives on.
    public unowned let loop: EventLoop
    /// Whether a rest is on its way, see ``write(_:from:)``.
    public private(set) var isWriting = false
    private var readBytes = 0
    private var end = StreamEnd.closed

    var stream: UnsafeMutablePointer<uv_stream_t> { memory.assumingMemoryBound(to: uv_stream_t.self) }

    /// A socket that is not connected yet.
    init(loop: EventLoop, isUnix: Bool) throws(SystemError) {
        self.loop = loop
        if isUnix {
            let pipe = UnsafeMutablePointer<uv_pipe_t>.allocate(capacity: 1)
            super.init(adopting: pipe)
            try SystemError.check(uv_pipe_init(loop.uv, pipe, 0), "uv_pipe_init")
        } else {
            let tcp = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
            super.init(adopting: tcp)
            try SystemError.check(uv_tcp_init(loop.uv, tcp), "uv_tcp_init")
        }
        bind()
    }

    var tcp: UnsafeMutablePointer<uv_tcp_t>? {
        handle.pointee.type == UV_TCP ? memory.assumingMemoryBound(to: uv_tcp_t.self) : nil
    }

    // MARK: Reading

    /// Reads until ``stopReading()``, at most `maxBytes` at a time (64 KiB is the most).
    public func startReading(maxBytes: Int) {
        guard !isClosed else { return }
        readBytes = min(maxBytes, loop.receiveBuffer.count)
        uv_read_start(
            stream,
            { handle, _, buffer in
                let stream: Stream = LoopHandle.owner(handle!.pointee.data)
                buffer!.pointee.base = stream.loop.receiveBuffer.baseAddress!.assumingMemoryBound(to: CChar.self)
                buffer!.pointee.len = stream.readBytes
            },
            { handle, count, _ in
                let stream: Stream = LoopHandle.owner(handle!.pointee.data)
                stream.didRead(count)
            })
    }

    /// Reads nothing more until ``startReading(maxBytes:)``: the peer is held back by its own kernel.
    public func stopReading() {
        guard !isClosed else { return }
        uv_read_stop(stream)
    }

    private func didRead(_ count: Int) {
        if count > 0 {
            handler?.streamDidRead(self, UnsafeMutableRawBufferPointer(rebasing: loop.receiveBuffer[..<count]))
        } else if count == Int(UV_EOF.rawValue) {
            uv_read_stop(stream)
            if let handler { handler.streamDidReachEnd(self) } else { close() }
        } else if count < 0 {
            fail(SystemError(Int32(count), "read"))
        }
    }

    // MARK: Writing

    /// Writes what the kernel takes now.
    ///
    /// - Returns: the number of bytes it took: 0 when its buffer is full or a rest is on its way; negative when the
    ///   connection is broken (a negative errno).
    public func tryWrite(_ vector: UnsafeBufferPointer<WritePiece>) -> Int {
        guard !isClosed, let first = vector.baseAddress else { return 0 }
        // uv_buf_t too is laid out as iovec on Unix (uv/unix.h); more than 1,024 buffers are cut off by libuv, not refused.
        let written = UnsafeRawPointer(first).withMemoryRebound(to: uv_buf_t.self, capacity: vector.count) {
            uv_try_write(stream, $0, UInt32(vector.count))
        }
        return written == SystemError.again ? 0 : Int(written)
    }

    /// Writes `bytes` from `offset` on as soon as the kernel takes them; ``StreamHandler/streamDidDrain(_:)`` follows. One at a
    /// time: the rest of a frame that ``tryWrite(_:)`` has cut.
    public func write(_ bytes: SharedBytes, from offset: Int) {
        precondition(!isWriting, "Stream: a write is still on its way")
        guard !isClosed else { return }
        isWriting = true
        let request = PendingWrite(stream: self, bytes: bytes)
        var buffer = uv_buf_init(
            bytes.baseAddress.advanced(by: offset).assumingMemoryBound(to: CChar.self), UInt32(bytes.count - offset))
        let status = uv_write(request.retained(), stream, &buffer, 1) { request, status in
            PendingWrite.finish(request!, status)
        }
        if status < 0 { PendingWrite.finish(request.request, status) }
    }

    fileprivate func didWrite(_ status: Int32) {
        isWriting = false
        guard !isClosed else { return }
        if status < 0 { fail(SystemError(status, "write")) } else { handler?.streamDidDrain(self) }
    }

    // MARK: Ending

    /// Closes it; what has not been written is lost. Doing it twice changes nothing.
    public func close() { closeHandle() }

    /// Closes it with a reset: the peer learns at once that nothing more will be read or written (RFC 9293 3.5.2).
    public func reset() {
        guard !isClosed, let tcp else { return close() }
        var linger = linger(l_onoff: 1, l_linger: 0)
        var descriptor: Int32 = -1
        uv_fileno(UnsafePointer(UnsafeMutableRawPointer(tcp).assumingMemoryBound(to: uv_handle_t.self)), &descriptor)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    func fail(_ error: SystemError) {
        guard !isClosed else { return }
        end = .failed(error)
        closeHandle()
    }

    override func didClose() {
        let handler = self.handler
        self.handler = nil
        handler?.streamDidEnd(self, end)
    }

    // MARK: Options

    /// The other end.
    public var peer: SocketAddress {
        guard let tcp, !isClosed else { return .unnamed }
        var storage = sockaddr_storage()
        var length = Int32(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutableBytes(of: &storage) {
            uv_tcp_getpeername(tcp, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
        }
        return status == 0 ? SocketAddress(&storage) : .unnamed
    }

    /// Sends small writes at once (TCP_NODELAY): progress should not wait for an acknowledgement.
    public func setNoDelay() {
        if let tcp { uv_tcp_nodelay(tcp, 1) }
    }

    /// Has the kernel give up a peer that is silent or acknowledges nothing for so long (SO_KEEPALIVE, TCP_USER_TIMEOUT).
    public func setUserTimeout(milliseconds: UInt32) {
        guard let tcp else { return }
        uv_tcp_keepalive(tcp, 1, max(1, milliseconds / 2000))
        var descriptor: Int32 = -1
        uv_fileno(UnsafePointer(UnsafeMutableRawPointer(tcp).assumingMemoryBound(to: uv_handle_t.self)), &descriptor)
        var value = milliseconds
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &value, socklen_t(MemoryLayout<UInt32>.size))
    }
}

@available(*, unavailable)
extension Stream: Sendable {}

/// The rest of a frame on its way: keeps the bytes until libuv has written them.
private final class PendingWrite {
    let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
    private let stream: Stream
    private let bytes: SharedBytes

    init(stream: Stream, bytes: SharedBytes) {
        self.stream = stream
        self.bytes = bytes
    }

    deinit { request.deallocate() }

    func retained() -> UnsafeMutablePointer<uv_write_t> {
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        return request
    }

    static func finish(_ request: UnsafeMutablePointer<uv_write_t>, _ status: Int32) {
        let write = Unmanaged<PendingWrite>.fromOpaque(request.pointee.data).takeRetainedValue()
        write.stream.didWrite(status)
    }
}
