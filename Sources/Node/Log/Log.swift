import Dialects
import Glibc
import JSON

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
    let format: LogFormat
    let level: LogLevel

    /// A log of one node.
    public init(node: String, format: LogFormat, level: LogLevel) {
        self.node = node
        self.format = format
        self.level = level
    }

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
        let time = Timestamp.text(WallClock.now)
        let line =
            format == .json
            ? jsonLine(time, level, message, fields) : textLine(time, level, message, fields)
        // One write a line: lines of several threads stay whole (a pipe takes up to PIPE_BUF at once).
        _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private func jsonLine(_ time: String, _ level: LogLevel, _ message: String, _ fields: Fields) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        for (key, text) in [("time", time), ("level", level.rawValue), ("node", node), ("message", message)] {
            writer.key(key)
            writer.string(text)
        }
        for (key, value) in fields where !value.isEmpty {
            writer.key(key)
            switch value {
            case .text(let text): writer.string(text)
            case .number(let number): writer.integer(Int64(number))
            }
        }
        writer.endObject()
        return writer.bytes + [0x0A]
    }

    private func textLine(_ time: String, _ level: LogLevel, _ message: String, _ fields: Fields) -> [UInt8] {
        var line = "\(time) \(level.rawValue) \(node) \(Self.printable(message))"
        for (key, value) in fields where !value.isEmpty {
            switch value {
            case .text(let text): line += " \(key)=\(Self.word(Self.printable(text)))"
            case .number(let number): line += " \(key)=\(number)"
            }
        }
        return Array(line.utf8) + [0x0A]
    }

    /// What has spaces is quoted: else it could not be told where it ends and the next field begins.
    private static func word(_ text: String) -> String {
        guard text.contains(" ") || text.contains("\"") else { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Text from outside must not break the line or drive the terminal.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}
