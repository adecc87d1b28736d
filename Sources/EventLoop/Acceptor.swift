import Base
internal import CLibuv
internal import Glibc

/// One listening socket of a ``Listener``, watched by libuv.
final class Acceptor: LoopHandle {
    private let listener: Listener
    private let socket: Int32
    private let isTCP: Bool
    private var memory: HandleMemory?

    init(listener: Listener, takingOwnership socket: Int32, isTCP: Bool) {
        self.listener = listener
        self.socket = socket
        self.isTCP = isTCP
        let memory = HandleMemory.allocate(UV_POLL)
        let code = uv_poll_init(listener.loop.uv, memory.poll, socket)
        // Fails only for descriptors that epoll cannot watch; it can watch a socket.
        precondition(code == 0, "Listener: \(SystemError(.listen, code: code))")
        self.memory = memory
        listener.loop.adopt(memory, owner: self)
    }

    func start() {
        guard let memory else { return }
        uv_poll_start(memory.poll, Int32(UV_READABLE.rawValue)) { handle, _, _ in
            Unmanaged<Acceptor>.fromOpaque(handle!.pointee.data).takeUnretainedValue().acceptWaiting()
        }
    }

    func stop() {
        guard let memory else { return }
        uv_poll_stop(memory.poll)
    }

    /// The loop calls this when it stops; the listener closes as a whole.
    func close() {
        listener.close()
    }

    func closeSocket() {
        guard let memory = memory.take() else { return }
        listener.loop.close(memory)
        // uv_close has removed the socket from epoll; without this the file of a unix socket would stay.
        if case .unix(let path) = ListeningSocket.address(of: socket) { unlink(path) }
        Glibc.close(socket)
    }

    func didClose() {}

    private func acceptWaiting() {
        for _ in 0..<EventLoopLimits.acceptsPerTurn {
            // The owner may have closed or stopped the listener when it got the last connection.
            guard let memory, uv_is_active(memory.handle) != 0 else { return }
            let accepted = fantail_accept(socket)
            if accepted >= 0 {
                listener.didAccept(accepted, isTCP: isTCP)
            } else if !canContinue(after: errno) {
                return
            }
        }
    }

    private func canContinue(after code: Int32) -> Bool {
        switch code {
        case EAGAIN: false
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: listener.turnAway(from: socket)
        // The peer has gone meanwhile (accept(2) lists Linux's errors for that), or a signal came.
        default: true
        }
    }
}
