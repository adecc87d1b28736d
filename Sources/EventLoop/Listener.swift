public import Base
internal import CLibuv
internal import Glibc

/// Listens at one endpoint. Loop-confined; lives until the owner closes it or its loop ends.
///
/// The listener accepts connections itself: without free descriptors, libuv cannot count them, and spins for ever once
/// another loop has taken its spare descriptor.
public final class Listener {
    /// The loop of the listener and of its accepted streams.
    public let loop: EventLoop
    /// The port in use; nil for unix sockets.
    public let port: UInt16?
    /// The addresses in use.
    public let addresses: [SocketAddress]
    /// Connections that the listener closed at once because the process had no descriptors.
    public private(set) var turnedAway = 0

    private var acceptors: [Acceptor] = []
    private var onAccept: ((Stream) -> Void)?
    private var isAccepting = true
    /// A spare descriptor: the listener gives it up to accept a waiting connection, and closes that connection.
    private var spare: Int32 = -1
    private var pause: Timer?

    /// Starts to listen. `onAccept` takes each accepted stream: not reading yet, without a handler, with TCP_NODELAY;
    /// it closes a stream that it does not want. With `peerPatienceMilliseconds` (5,000 at least) a stream fails with
    /// `ETIMEDOUT` when its peer is silent for that long. Resolves host names at once. Loop only.
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

    /// Whether an endpoint is free for a first listener that will share it: throws `EADDRINUSE` where any process
    /// listens, sharing or not. Keeps no socket. From any thread.
    public static func probe(_ endpoint: ListenEndpoint) throws(SystemError) {
        try ListeningSocket.probe(endpoint)
    }

    /// Leaves new connections waiting in the kernel.
    public func stopAccepting() {
        loop.assertCurrent()
        isAccepting = false
        for acceptor in acceptors { acceptor.stop() }
    }

    /// Accepts connections again.
    public func startAccepting() {
        loop.assertCurrent()
        isAccepting = true
        for acceptor in acceptors { acceptor.start() }
    }

    /// Stops listening; the kernel refuses new connections and resets waiting ones. Streams stay. Once or often.
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

// Called by the listener's sockets.
extension Listener {
    func didAccept(_ socket: Int32, isTCP: Bool) {
        guard let stream = try? Stream(loop: loop, takingOwnership: socket, isTCP: isTCP) else { return }
        if let onAccept { onAccept(stream) } else { stream.close() }
    }

    /// No descriptors (or no memory) for the next connection. A waiting connection would make the loop spin, so the
    /// listener accepts it with the spare descriptor and closes it. False where that fails; then accepting pauses.
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
