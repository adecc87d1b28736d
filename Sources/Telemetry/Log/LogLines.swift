import Base
import Events
import JSON
import Settings

/// Formats log lines.
struct LogLines: Sendable {
    let node: String
    let format: LogFormat

    /// One event's line.
    func line(_ level: LogLevel, _ message: String, _ fields: Log.Fields) -> [UInt8] {
        let time = Timestamp.text(WallClock.now)
        return format == .json
            ? jsonLine(time, level, message, fields) : textLine(time, level, message, fields)
    }

    private func jsonLine(_ time: String, _ level: LogLevel, _ message: String, _ fields: Log.Fields) -> [UInt8] {
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
        return PrintableJSON.bytes(writer.bytes) + [0x0A]
    }

    private func textLine(_ time: String, _ level: LogLevel, _ message: String, _ fields: Log.Fields)
        -> [UInt8]
    {
        var line = "\(time) \(level.rawValue) \(node) \(PrintableText.line(message))"
        for (key, value) in fields where !value.isEmpty {
            switch value {
            case .text(let text): line += " \(key)=\(Self.word(PrintableText.line(text)))"
            case .number(let number): line += " \(key)=\(number)"
            }
        }
        return Array(line.utf8) + [0x0A]
    }

    /// A text with spaces is quoted: otherwise its end could not be told from the next field.
    private static func word(_ text: String) -> String {
        guard text.contains(" ") || text.contains("\"") else { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
