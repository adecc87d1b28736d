internal import CLibuv
internal import Glibc

/// A listening socket of one loop. Confined to its loop.
public final class Listener: LoopHandle {
    /// Connections the kernel keeps for us until they are accepted (listen(2); the system may lower it).
    public static let backlog: Int32 = 4096

    private unowned let loop: EventLoop
    private let isUnix: Bool
    private let onAccept: (Stream) -> Void

    /// Listens on a socket made by ``BoundSocket``, and hands over every connection.
    public init(loop: EventLoop, socket: BoundSocket, onAccept: @escaping (Stream) -> Void) throws(SystemError) {
        self.loop = loop
        self.onAccept = onAccept
        isUnix = socket.isUnix
        if isUnix {
            let pipe = UnsafeMutablePointer<uv_pipe_t>.allocate(capacity: 1)
            super.init(adopting: pipe)
            try SystemError.check(uv_pipe_init(loop.uv, pipe, 0), "uv_pipe_init")
            bind()
            try SystemError.check(uv_pipe_open(pipe, socket.descriptor), "uv_pipe_open")
        } else {
            let tcp = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
            super.init(adopting: tcp)
            try SystemError.check(uv_tcp_init(loop.uv, tcp), "uv_tcp_init")
            bind()
            // libuv 1.44 cannot set SO_REUSEPORT, so the socket is our own.
            try SystemError.check(uv_tcp_open(tcp, socket.descriptor), "uv_tcp_open")
        }
        let status = uv_listen(memory.assumingMemoryBound(to: uv_stream_t.self), Self.backlog) { server, status in
            let listener: Listener = LoopHandle.owner(server!.pointee.data)
            // A negative status is EMFILE and the like: libuv has accepted and closed one with its spare descriptor, so that
            // the loop does not spin.
            if status == 0 { listener.accept() }
        }
        if status < 0 {
            close()
            throw SystemError(status, "listen")
        }
    }

    /// Accepts no further connections.
    public func close() { closeHandle() }

    private func accept() {
        guard let stream = try? Stream(loop: loop, isUnix: isUnix) else { return }
        guard uv_accept(memory.assumingMemoryBound(to: uv_stream_t.self), stream.stream) == 0 else {
            return stream.close()
        }
        stream.setNoDelay()
        onAccept(stream)
    }
}

@available(*, unavailable)
extension Listener: Sendable {}
