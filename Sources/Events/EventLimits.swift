/// The bounds on messages of clients and workers.
public enum EventLimits {
    /// Bytes that a dialect adds to an event: names, numbers, the channel. An estimate on the high side, which bounds
    /// what is sent at a time.
    public static let bytesAroundEvent = 256
    /// Long enough for any UUID or slug, short enough for a key in Redis.
    public static let maxIdentifierBytes = 128
    /// An event, as published. The Redis Function has the same bound.
    public static let maxEventBytes = 65_536
    /// A progress, as written: more digits than a Double has. The Redis Function has the same bound.
    public static let maxProgressBytes = 32
    /// One chat message: a long letter, and far below the bound of a client's message.
    public static let maxChatBytes = 16_384
    /// The data of a typing or presence message: with the fields around it, it stays below ``maxEventBytes``.
    public static let maxAttachedBytes = 16_384
    /// A request's own id: several UUIDs long. The answers to one status request may carry it a hundred times.
    public static let maxRequestIDBytes = 1024
    /// Ids in one request for many statuses: each may cost a request to a third party.
    public static let maxStatusRequestIDs = 100
}
