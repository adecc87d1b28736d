import Glibc
package import Settings

/// One line an event, on standard error, with the node's id. Never a token, a key or a payload.
package struct Log: Sendable {
    /// A value in a log line.
    package enum Value: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
        ExpressibleByIntegerLiteral
    {
        case text(String)
        case number(Int)

        var isEmpty: Bool { if case .text("") = self { true } else { false } }

        package init(stringLiteral value: String) { self = .text(value) }
        package init(integerLiteral value: Int) { self = .number(value) }
    }

    /// Named values, in the order in which they are written; an empty text is left out.
    package typealias Fields = KeyValuePairs<String, Value>

    /// The name of the node.
    package let node: String
    private let level: LogLevel
    private let lines: LogLines
    private let writer: LogWriter

    /// A log of one node.
    package init(node: String, format: LogFormat, level: LogLevel) {
        self.node = node
        self.level = level
        let lines = LogLines(node: node, format: format)
        self.lines = lines
        writer = LogWriter(descriptor: STDERR_FILENO) { count in
            lines.line(.warning, "lines are missing here: nobody read them in time", ["lines": .number(count)])
        }
    }

    /// Waits until all lines are written, at most a second: the reader may have stopped.
    package func flush() { writer.flush() }

    /// Lines dropped so far, since the reader was too slow.
    package var dropped: Int { writer.dropped }

    /// Text on a terminal, JSON elsewhere.
    package static var defaultFormat: LogFormat { isatty(STDERR_FILENO) == 1 ? .text : .json }

    package func error(_ message: String, _ fields: Fields = [:]) { write(.error, message, fields) }
    package func warning(_ message: String, _ fields: Fields = [:]) { write(.warning, message, fields) }
    package func info(_ message: String, _ fields: Fields = [:]) { write(.info, message, fields) }
    package func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        if level <= .debug { write(.debug, message(), fields()) }
    }

    /// Whether lines of a level are written.
    package func writes(_ level: LogLevel) -> Bool { level >= self.level }

    private func write(_ level: LogLevel, _ message: String, _ fields: Fields) {
        guard writes(level) else { return }
        writer.write(lines.line(level, message, fields))
    }
}
