import Glibc

/// The form of a log line.
public enum LogFormat: String, CaseIterable, Sendable {
    case text, json
}

/// How important a log line is.
public enum LogLevel: String, CaseIterable, Sendable, Comparable {
    case error, warning, info, debug

    /// `debug` is the least.
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

/// One line an event, on standard error, with the node's id. Never a token, a key or a payload.
public struct Log: Sendable {
    /// A value in a log line.
    public enum Value: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
        ExpressibleByIntegerLiteral
    {
        case text(String)
        case number(Int)

        var isEmpty: Bool { if case .text("") = self { true } else { false } }

        /// A text.
        public init(stringLiteral value: String) { self = .text(value) }
        /// A number.
        public init(integerLiteral value: Int) { self = .number(value) }
    }

    /// Named values, in the order they are written; an empty text is left out.
    public typealias Fields = KeyValuePairs<String, Value>

    let node: String
    let level: LogLevel
    private let lines: LogLines
    private let writer: LogWriter

    /// A log of one node.
    public init(node: String, format: LogFormat, level: LogLevel) {
        self.node = node
        self.level = level
        let lines = LogLines(node: node, format: format)
        self.lines = lines
        writer = LogWriter(descriptor: STDERR_FILENO) { count in
            lines.line(.warning, "lines are missing here: nobody read them in time", ["lines": .number(count)])
        }
    }

    /// Waits until what was logged is written, at most a second: whoever reads it may have stopped.
    public func flush() { writer.flush() }

    /// Lines that were dropped so far, since nobody read them in time.
    var dropped: Int { writer.dropped }

    /// Text on a terminal, JSON elsewhere.
    public static var defaultFormat: LogFormat { isatty(STDERR_FILENO) == 1 ? .text : .json }

    func error(_ message: String, _ fields: Fields = [:]) { write(.error, message, fields) }
    func warning(_ message: String, _ fields: Fields = [:]) { write(.warning, message, fields) }
    func info(_ message: String, _ fields: Fields = [:]) { write(.info, message, fields) }
    func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        if level <= .debug { write(.debug, message(), fields()) }
    }

    /// Whether lines of a level are written at all.
    func writes(_ level: LogLevel) -> Bool { level >= self.level }

    private func write(_ level: LogLevel, _ message: String, _ fields: Fields) {
        guard writes(level) else { return }
        writer.write(lines.line(level, message, fields))
    }
}
