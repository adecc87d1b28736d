/// Every bound of the HTTP reader, in one place.
public struct HTTPLimits: Sendable, Equatable {
    /// First line and fields together. Browsers with cookies send 1 to 4 KiB.
    public var maxHeadBytes = 8 * 1024
    /// A whole body: a batch of events is at most 1 MiB.
    public var maxBodyBytes = 1024 * 1024
    /// Field lines in one head. Browsers behind two proxies send about 30.
    public var maxHeaders = 100
    /// Empty lines before a request line; RFC 9112 2.2 asks for one, after the body of an old client.
    public var maxLeadingEmptyLines = 2
    /// All chunk extensions of one body together; no client uses them, so more than this is an attack.
    public var maxChunkExtensionBytes = 1024
    /// The trailer section after the last chunk, which is read and dropped.
    public var maxTrailerBytes = 4 * 1024

    /// Digits of a chunk's hexadecimal size, with leading zeros: 64 bits, so that reading it cannot overflow.
    public static let maxChunkSizeDigits = 16

    /// Bounds with these values; a caller changes those that it needs otherwise.
    public init() {}
}
