/// The importance of a log line.
public enum LogLevel: String, CaseIterable, Sendable, Comparable {
    case error, warning, info, debug

    /// `debug` is the least important.
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}
