/// What a program's output says about how far it is.
public struct Reading: Equatable, Sendable {
    /// From 0 to 100; nil where the program says how far it is, but not of how much.
    public var percent: Double?
    /// Seconds that the program says, or its speed implies, are left.
    public var remainingSeconds: Int?
    /// The line it was read from, where that says something to people.
    public var message: String?

    /// A reading of what is given.
    public init(percent: Double? = nil, remainingSeconds: Int? = nil, message: String? = nil) {
        self.percent = percent
        self.remainingSeconds = remainingSeconds
        self.message = message
    }
}

/// The bounds of reading output.
public enum ReadingLimits {
    /// Bytes of a line; a longer one is data, not progress.
    public static let lineBytes = 1024
    /// Bytes that come at once and are looked at whole: all that ffmpeg says before it begins.
    public static let chunkBytes = 16 * 1024
    /// Bytes looked at of more: of a flood only the end counts, and passing it on must cost next to nothing.
    public static let floodBytes = 4 * 1024
    /// Characters of a message.
    public static let messageCharacters = 200
}
