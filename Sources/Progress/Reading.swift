/// The progress in a program's output.
public struct Reading: Equatable, Sendable {
    /// From 0 to 100; nil where the program does not tell the total.
    public var percent: Double?
    /// The seconds left, from the output or from its speed.
    public var remainingSeconds: Int?
    /// The line of the reading, where it is text for people.
    public var message: String?

    /// Whether no progress was found: the message is only the last line.
    public var isSignOfLife = false

    /// A reading of these values.
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
    /// Bytes in one chunk that are read whole: all that ffmpeg writes before it begins.
    public static let chunkBytes = 16 * 1024
    /// Bytes that are read of a larger chunk: of a flood only the end counts, and reading must cost almost nothing.
    public static let floodBytes = 4 * 1024
    /// Characters of a message.
    public static let messageCharacters = 200
}
