/// The bounds of this target.
enum EventLoopLimits {
    /// Bytes of the receive buffer that a loop's streams share: the most that one read returns. libuv suggests 64 KiB.
    static let receiveBufferBytes = 64 * 1024

    /// Buffers in one `writev` (the kernel's UIO_MAXIOV); more is a loop.
    static let buffersPerWrite = 1024

    /// How often a turn runs jobs that its jobs queued. The rest runs in the next turn, which polls without sleeping:
    /// jobs that queue each other for ever must not keep the loop from its sockets.
    static let workRoundsPerTurn = 16

    /// Connections that a turn accepts from one listening socket: a storm of them must not starve the open connections.
    static let acceptsPerTurn = 64

    /// How long a listening socket pauses when the process has no descriptors left, not even a spare one.
    static let acceptPauseMilliseconds: UInt64 = 100

    /// Bytes that the kernel queues for a peer beyond those in flight (TCP_NOTSENT_LOWAT): at most this and one packet
    /// of 64 KiB wait for a peer that does not read, not the megabytes to which the send buffer grows. Enough to keep a
    /// line busy until the loop's next turn: 128 KiB last 10 ms at 100 Mbit/s. It does not bound the bytes in flight.
    static let unsentBytes: Int32 = 128 * 1024

    /// The shortest patience with a peer: below it one lost packet and its retransmission would end a connection.
    static let minPeerPatienceMilliseconds: Int32 = 5_000

    /// Keepalive probes to an idle peer, spread over the patience with the peer.
    static let keepAliveProbes: Int32 = 3

    /// Bytes of a unix socket's path with its final zero: the size of `sun_path`. libuv silently cuts longer paths.
    static let unixPathBytes = 108

    /// Attempts to find one port that is free on all addresses, where the system chooses the port.
    static let portAttempts = 8
}
