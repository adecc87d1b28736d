/// The bounds of Redis's replies.
public enum ReplyLimits {
    /// Bytes in one feed of hiredis's reader, which moves the rest of its buffer after every reply or 1 KiB: larger
    /// feeds cost quadratically (measured: 96 ns a message at 16 KiB, 1,937 ns at 1 MiB).
    public static let maxFeedBytes = 16 << 10
    /// Elements of one reply, nested ones included: hiredis itself believes `*2147483647`.
    public static let maxReplyElements = 1 << 20
    /// Bytes of all strings in one reply. Fantail's own have at most some 256 KiB.
    public static let maxReplyBytes = 16 << 20
    /// Elements of one push; every push has three.
    public static let maxPushElements = 64
    /// One payload. Fantail's own have at most 64 KiB; a larger one, which any client may PUBLISH, ends the connection.
    public static let maxBulkBytes = 8 << 20
    /// Bytes the reader may hold without a complete reply: hiredis itself waits patiently for `$999999999999`.
    public static let maxBufferedBytes = maxBulkBytes + (1 << 20)
    /// Bytes the empty reader may keep; hiredis's own 16 KiB would free and allocate anew on every full feed.
    public static let maxIdleReaderBytes = 64 << 10
    /// Bytes kept for the next payload of a subscribed channel: the size of Fantail's largest event.
    public static let maxIdlePayloadBytes = 64 << 10
}
