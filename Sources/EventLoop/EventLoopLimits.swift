/// The bounds of this target, each in one place.
enum EventLoopLimits {
    /// The receive buffer all streams of a loop share: what one read hands out at the most. libuv itself suggests 64 KiB.
    static let receiveBufferBytes = 64 * 1024

    /// Buffers in one `writev` (the kernel's UIO_MAXIOV); more is a loop.
    static let buffersPerWrite = 1024

    /// How often a turn looks for jobs queued by the jobs it ran. What is left then runs in the next turn, which polls
    /// without sleeping: jobs that queue each other for ever must not keep the loop from its sockets.
    static let workRoundsPerTurn = 16

    /// Connections taken from one listening socket in one turn, so that a storm of them leaves room for those there are.
    static let acceptsPerTurn = 64

    /// How long a listening socket rests when the process has run out of descriptors and has not even a spare one.
    static let acceptPauseMilliseconds: UInt64 = 100

    /// What the kernel takes for a peer beyond what is on its way (TCP_NOTSENT_LOWAT): a peer that does not read has so much
    /// waiting there, and up to one packet of 64 KiB more, not the megabytes to which the send buffer grows. Enough to keep
    /// a line busy until the loop's next turn: 128 KiB last 10 ms at 100 Mbit/s. What is on its way is not bounded by it.
    static let unsentBytes: Int32 = 128 * 1024

    /// The shortest patience with a peer: below it one lost packet and its repetition would end a connection.
    static let minPeerPatienceMilliseconds: Int32 = 5_000

    /// Questions whether an idle peer is there, spread over the patience with it.
    static let keepAliveProbes: Int32 = 3

    /// A unix socket's path with its final zero: the size of `sun_path`. libuv cuts longer ones silently.
    static let unixPathBytes = 108

    /// Attempts to find one port that is free on all addresses, where the port was left to the system.
    static let portAttempts = 8
}
