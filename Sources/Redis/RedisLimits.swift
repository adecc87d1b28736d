/// Every bound of this target.
public enum RedisLimits {
    /// Commands waiting for replies on one connection; above it the caller answers 503.
    public static let maxPendingCommands = 10_000
    /// Bytes of the commands waiting for replies on one connection.
    public static let maxPendingBytes = 8 << 20

    /// Commands of a loop that wait for a slot of a cluster, or for the first connection to its master: as many as one
    /// connection takes.
    package static let maxWaitingCommands = maxPendingCommands
    /// Bytes of these commands: a slot that stays open, or a master that hangs, must not fill the node's memory.
    package static let maxWaitingBytes = maxPendingBytes

    /// Channels in one SUBSCRIBE: 158k channels a second were measured with 256, fewer with 16 and with 512.
    static let maxChannelsPerCommand = 256
    /// (UN)SUBSCRIBE commands in flight. Confirmations count against Redis's output buffer limit for pub/sub: without
    /// this bound Redis would kill the connection again and again.
    static let maxSubscribeCommandsInFlight = 8
    /// S(UN)SUBSCRIBE commands in flight, each of one slot: tasks are spread over so many slots that most have one
    /// channel.
    static let maxShardCommandsInFlight = 512

    /// Bytes of buffer kept for the commands of the next turn.
    static let maxIdleWriteBytes = 64 << 10
    /// How long the kernel retries a write (TCP_USER_TIMEOUT), instead of a quarter of an hour; keepalive finds a
    /// vanished host in the same time.
    static let userTimeoutMilliseconds: Int32 = 5_000
}
