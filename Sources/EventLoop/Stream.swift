internal import CLibuv
internal import Glibc

/// One TCP or unix connection. Loop-confined.
///
/// An open stream keeps itself alive, and its handler: both until ``StreamHandler/streamDidEnd(_:_:)``, which every
/// stream comes to, at the latest when its loop is stopped. So neither can be gone within a callback, an owner may
/// forget the stream in one, and no reference is counted weakly on the path of an event. An owner that goes away must
/// close its stream. One that is not being read does not notice that its peer has gone.
public final class Stream {
    /// The loop it lives on.
    public let loop: EventLoop

    /// Who is told what happens. Held until the stream has ended.
    public var handler: (any StreamHandler)?

    /// libuv's handle; nil once that is closed.
    private(set) var memory: HandleMemory?
    /// The socket, once there is one; -1 before and when closed.
    private(set) var descriptor: Int32 = -1
    var maxReadBytes = UInt32(EventLoopLimits.receiveBufferBytes)
    /// The peer has sent all; reading again would only find that again.
    var hasReachedEnd = false
    /// Set when closing begins.
    private var endReason: StreamEnd?
    let isTCP: Bool

    /// What ``isWriting`` answers. A stored property that is public, or passed inout, has Swift check each access to it at
    /// run time: 15 ns in ``tryWrite(_:)``.
    var hasPendingWrite = false

    /// Nil for a stream that speaks plainly.
    var security: StreamSecurity?

    /// A stream without a socket yet.
    init(loop: EventLoop, isTCP: Bool) {
        self.loop = loop
        self.isTCP = isTCP
        let memory = HandleMemory.allocate(isTCP ? UV_TCP : UV_NAMED_PIPE)
        self.memory = memory
        // Neither can fail: no socket is made before connecting, none is passed over the pipe.
        _ = isTCP ? uv_tcp_init(loop.uv, memory.tcp) : uv_pipe_init(loop.uv, memory.pipe, 0)
        loop.adopt(memory, owner: self)
    }

    /// A stream on a connected socket, which it owns from here on, also when it fails to use it.
    convenience init(loop: EventLoop, takingOwnership socket: Int32, isTCP: Bool) throws(SystemError) {
        self.init(loop: loop, isTCP: isTCP)
        let code = isTCP ? uv_tcp_open(memory!.tcp, socket) : uv_pipe_open(memory!.pipe, socket)
        guard code == 0 else {
            Glibc.close(socket)
            close()
            throw SystemError(.open, code: code)
        }
        descriptor = socket
    }

    /// libuv has made the socket, in connecting.
    func didOpen() {
        guard isOpen, let memory else { return }
        var socket: Int32 = -1
        uv_fileno(memory.handle, &socket)
        descriptor = socket
    }

    /// Whether bytes given to ``write(_:from:)`` are still waiting for the kernel.
    public var isWriting: Bool { hasPendingWrite }

    /// Whether neither side has ended it.
    public var isOpen: Bool { endReason == nil }

    /// Closes it: no more callbacks but ``StreamHandler/streamDidEnd(_:_:)``, which comes later in this turn or in the
    /// next one. What the kernel has taken is still sent, what waits in ``write(_:from:)`` is not. Once or often.
    public func close() {
        security?.sayGoodbye(on: self)
        end(.closed)
    }

    /// Closes it with a TCP reset: what the kernel has taken is dropped too, and the peer sees an error. For peers that
    /// do not read. On a unix socket the same as ``close()``.
    public func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        if isTCP, isOpen {
            _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        }
        end(.closed)
    }

    func end(_ reason: StreamEnd) {
        loop.assertCurrent()
        guard endReason == nil, let memory else { return }
        endReason = reason
        descriptor = -1  // uv_close gives the number back at once, and the next connection may get it.
        loop.close(memory)
    }
}

@available(*, unavailable)
extension Stream: Sendable {}

extension Stream: LoopHandle {
    func didClose() {
        memory = nil
        let handler = handler.take()
        handler?.streamDidEnd(self, endReason!)
    }
}
