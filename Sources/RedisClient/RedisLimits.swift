/// Every bound of this target.
public enum RedisLimits {
    /// Commands waiting for replies on one connection; above it the caller answers 503.
    public static let maxPendingCommands = 10_000
    /// Bytes of the commands waiting for replies on one connection.
    public static let maxPendingBytes = 8 << 20

    /// Bytes given to hiredis's reader at a time: it moves the rest of its buffer after every reply or 1 KiB consumed, so larger
    /// feeds cost quadratically (measured: 96 ns a message at 16 KiB, 1,937 ns at 1 MiB).
    static let maxFeedBytes = 16 << 10
    /// Elements of one reply, nested ones included: hiredis itself believes `*2147483647`.
    static let maxReplyElements = 1 << 20
    /// Bytes of all strings in one reply. Ours are at most some 256 KiB.
    static let maxReplyBytes = 16 << 20
    /// Elements of one push, which has three.
    static let maxPushElements = 64
    /// One payload. Ours are at most 64 KiB, but anybody may PUBLISH what Redis takes; a larger one ends the connection.
    static let maxBulkBytes = 8 << 20
    /// Bytes the reader may hold without a complete reply: hiredis itself waits patiently for `$999999999999`.
    static let maxBufferedBytes = maxBulkBytes + (1 << 20)
    /// Room the reader may keep when it is empty; hiredis's own 16 KiB would free and allocate anew on every full feed.
    static let maxIdleReaderBytes = 64 << 10
    /// Room that is kept for the next payload of a subscribed channel: the size of our own largest event.
    static let maxIdlePayloadBytes = 64 << 10

    /// Channels in one SUBSCRIBE: 158k channels a second were measured with 256, fewer with 16 and with 512.
    static let maxChannelsPerCommand = 256
    /// (UN)SUBSCRIBE commands in flight. Confirmations count against Redis's output buffer limit for pub/sub, so an unlimited
    /// flood of them gets the connection killed, for ever.
    static let maxSubscribeCommandsInFlight = 8

    /// Room kept for the commands of the next turn.
    static let maxIdleWriteBytes = 64 << 10
    /// How long the kernel tries to deliver what was written, instead of its quarter of an hour (TCP_USER_TIMEOUT); keepalive
    /// finds a vanished host in the same time.
    static let userTimeoutMilliseconds: Int32 = 5_000
}
