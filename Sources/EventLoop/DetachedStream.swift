internal import Glibc
internal import TLS

/// The socket of a stream on its way to another loop, with its TLS. Closes the socket unless a loop takes it.
public final class DetachedStream: @unchecked Sendable {
    // Sendable: only one thread at a time has it, the loop that gave it away or the one that takes it.

    fileprivate var socket: Int32
    fileprivate let isTCP: Bool
    fileprivate let security: StreamSecurity?

    fileprivate init(socket: Int32, isTCP: Bool, security: StreamSecurity?) {
        self.socket = socket
        self.isTCP = isTCP
        self.security = security
    }

    deinit { if socket >= 0 { close(socket) } }
}

extension Stream {
    /// Takes the socket from this loop, for another one: the peer notices nothing, and the handler hears nothing more.
    /// Nil where bytes wait to be written, or the stream has ended; then nothing changes.
    ///
    /// Not from within a callback of the stream.
    public func detach() -> DetachedStream? {
        loop.assertCurrent()
        guard isOpen, !hasPendingWrite, !hasReachedEnd, security?.isIdle ?? true else { return nil }
        // libuv closes its own number; the connection stays as long as another number has it.
        let socket = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard socket >= 0 else { return nil }
        let detached = DetachedStream(socket: socket, isTCP: isTCP, security: security)
        security = nil
        handler = nil
        end(.closed)
        return detached
    }

    /// A stream on this loop with the socket of `detached`, which is used up.
    public convenience init(loop: EventLoop, taking detached: DetachedStream) throws(SystemError) {
        loop.assertCurrent()
        // A loop that ends has closed its streams already, and would wait for this one.
        guard !loop.isStopping else { throw SystemError(.open, code: ECANCELED) }
        let socket = detached.socket
        detached.socket = -1
        try self.init(loop: loop, takingOwnership: socket, isTCP: detached.isTCP)
        security = detached.security
    }
}
