/// The bounds of what clients and workers say.
public enum EventLimits {
    /// What a dialect puts around an event, in bytes: names, numbers, the channel. An estimate, on the high side of what is usual,
    /// by which what is told at a time is bounded.
    public static let bytesAroundEvent = 256
    /// Long enough for any UUID or slug, short enough for a key in Redis.
    public static let maxIdentifierBytes = 128
    /// An event, as published. The Redis Function has the same bound.
    public static let maxEventBytes = 65_536
    /// A progress, as written: more digits than a Double has. The Redis Function has the same bound.
    public static let maxProgressBytes = 32
    /// One user's words to another: a long letter, and far below what a message may carry.
    public static let maxChatBytes = 16_384
    /// What a client may hang on typing or presence: with the words around it, it stays below ``maxEventBytes``.
    public static let maxAttachedBytes = 16_384
    /// A request's own id: several UUIDs long. A status request may have it given back a hundred times.
    public static let maxRequestIDBytes = 1024
    /// Ids in one request for many statuses: each may cost a question to a third party.
    public static let maxStatusRequestIDs = 100
}
