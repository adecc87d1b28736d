internal import CLibuv
internal import Glibc

/// One TCP or unix connection. Loop-confined.
///
/// An open stream keeps itself and its handler alive until ``StreamHandler/streamDidEnd(_:_:)``, which ends every
/// stream, at the latest when its loop stops. So both outlive every callback, an owner may forget the stream in a
/// callback, and the path of an event needs no weak references. An owner that goes away must close its stream. A stream
/// that does not read does not notice that its peer has gone.
public final class Stream {
    /// The stream's loop.
    public let loop: EventLoop

    /// Gets the stream's events. Held until the stream has ended.
    public var handler: (any StreamHandler)?

    /// libuv's handle; nil once the handle is closed.
    private(set) var memory: HandleMemory?
    /// The socket; -1 before there is one and once it is closed.
    private(set) var descriptor: Int32 = -1
    var maxReadBytes = UInt32(EventLoopLimits.receiveBufferBytes)
    /// The peer has ended its side; another read would only find the end again.
    var hasReachedEnd = false
    /// Set when closing begins.
    private var endReason: StreamEnd?
    let isTCP: Bool

    /// The value of ``isWriting``. Swift checks each access to a stored property that is public or passed inout at run
    /// time: 15 ns in ``tryWrite(_:)``.
    var hasPendingWrite = false

    /// Nil for a plain stream.
    var security: StreamSecurity?

    /// A stream without a socket yet.
    init(loop: EventLoop, isTCP: Bool) {
        self.loop = loop
        self.isTCP = isTCP
        let memory = HandleMemory.allocate(isTCP ? UV_TCP : UV_NAMED_PIPE)
        self.memory = memory
        // Neither call can fail: libuv makes the socket at connect, and the pipe passes no handles.
        _ = isTCP ? uv_tcp_init(loop.uv, memory.tcp) : uv_pipe_init(loop.uv, memory.pipe, 0)
        loop.adopt(memory, owner: self)
    }

    /// A stream on a connected socket, which the stream owns from here on, even when this fails.
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

    /// libuv has made the socket, while connecting.
    func didOpen() {
        guard isOpen, let memory else { return }
        var socket: Int32 = -1
        uv_fileno(memory.handle, &socket)
        descriptor = socket
    }

    /// Whether bytes of ``write(_:from:)`` still wait for the kernel.
    public var isWriting: Bool { hasPendingWrite }

    /// Whether neither side has ended the stream.
    public var isOpen: Bool { endReason == nil }

    /// Closes the stream: only ``StreamHandler/streamDidEnd(_:_:)`` follows, in this turn or in the next one. The
    /// kernel still sends the bytes that it has; the waiting bytes of ``write(_:from:)`` are lost. Once or often.
    public func close() {
        security?.sayGoodbye(on: self)
        end(.closed)
    }

    /// Closes the stream with a TCP reset: the kernel drops its bytes too, and the peer sees an error. For peers that
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
