public import Base
internal import CLibuv
internal import Glibc

/// Waits for connections at one endpoint. Loop-confined; lives until it is closed or its loop ends.
///
/// Accepting is ours and not libuv's: when the process is out of descriptors, libuv's way cannot be counted, and spins
/// for ever once another loop has taken the descriptor it kept in reserve.
public final class Listener {
    /// The loop it lives on, and the accepted streams with it.
    public let loop: EventLoop
    /// The port in use; nil for unix sockets.
    public let port: UInt16?
    /// The addresses in use.
    public let addresses: [SocketAddress]
    /// Connections that were closed at once since the process was out of descriptors.
    public private(set) var turnedAway = 0

    private var acceptors: [Acceptor] = []
    private var onAccept: ((Stream) -> Void)?
    private var isAccepting = true
    /// A descriptor to give up when there are no more: with it a waiting connection can be taken, and closed.
    private var spare: Int32 = -1
    private var pause: Timer?

    /// Begins to listen. Each accepted stream is handed to `onAccept`: not read yet, without a handler, TCP_NODELAY
    /// set; whoever does not want it closes it. With `peerPatienceMilliseconds` (5,000 at least) one fails with `ETIMEDOUT`
    /// when its peer has given no sign for so long. A host that is a name is looked up at once. Loop only.
    public init(
        loop: EventLoop, endpoint: ListenEndpoint, backlog: Int32 = 1024, peerPatienceMilliseconds: Int32? = nil,
        onAccept: @escaping (Stream) -> Void
    ) throws(SystemError) {
        loop.assertCurrent()
        guard !loop.isStopping else { throw SystemError(.listen, code: ECANCELED) }
        let sockets = try ListeningSocket.open(
            endpoint, backlog: backlog, peerPatienceMilliseconds: peerPatienceMilliseconds)
        self.loop = loop
        self.onAccept = onAccept
        addresses = sockets.compactMap(ListeningSocket.address)
        port = addresses.first?.port
        var isTCP = true
        if case .unix = endpoint { isTCP = false }
        acceptors = sockets.map { Acceptor(listener: self, takingOwnership: $0, isTCP: isTCP) }
        spare = Listener.openSpare()
        startAccepting()
    }

    /// Whether an endpoint is free, for a first listener that is going to share it: throws `EADDRINUSE` where anybody
    /// listens, sharing or not. Nothing is kept. From any thread.
    public static func probe(_ endpoint: ListenEndpoint) throws(SystemError) {
        try ListeningSocket.probe(endpoint)
    }

    /// Leaves new connections waiting in the kernel.
    public func stopAccepting() {
        loop.assertCurrent()
        isAccepting = false
        for acceptor in acceptors { acceptor.stop() }
    }

    /// Takes them again.
    public func startAccepting() {
        loop.assertCurrent()
        isAccepting = true
        for acceptor in acceptors { acceptor.start() }
    }

    /// Stops listening; the kernel refuses connections from now on and resets those that wait. Streams stay. Once or
    /// often.
    public func close() {
        loop.assertCurrent()
        for acceptor in acceptors { acceptor.closeSocket() }
        acceptors = []
        onAccept = nil
        pause?.cancel()
        if spare >= 0 { Glibc.close(spare) }
        spare = -1
    }

    private static func openSpare() -> Int32 {
        open("/dev/null", O_RDONLY | O_CLOEXEC)
    }
}

@available(*, unavailable)
extension Listener: Sendable {}

// What its sockets call.
extension Listener {
    func didAccept(_ socket: Int32, isTCP: Bool) {
        guard let stream = try? Stream(loop: loop, takingOwnership: socket, isTCP: isTCP) else { return }
        if let onAccept { onAccept(stream) } else { stream.close() }
    }

    /// There are no descriptors (or no memory) for the next connection. Left waiting, it would have the loop spin, so
    /// it is taken with the spare descriptor and closed. Answers whether that was possible; if not, accepting pauses.
    func turnAway(from socket: Int32) -> Bool {
        if spare >= 0 { Glibc.close(spare) }
        let taken = fantail_accept(socket)
        if taken >= 0 {
            Glibc.close(taken)
            turnedAway += 1
        }
        spare = Listener.openSpare()
        if taken < 0 || spare < 0 { rest() }
        return taken >= 0
    }

    private func rest() {
        for acceptor in acceptors { acceptor.stop() }
        pause?.cancel()
        pause = loop.schedule(after: EventLoopLimits.acceptPauseMilliseconds) { [self] in
            if isAccepting { startAccepting() }
        }
    }
}
