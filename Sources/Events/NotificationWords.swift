package import JSON

/// The texts of a notification. `content` and `message` fill each other (ops/dialects.md), and a notification without
/// any text is named by its type.
package struct NotificationWords {
    package let title: String
    package let content: String
    package let message: String
    /// Nil where none is given; `info` in dialects that require one.
    package let level: String?

    private static let names: [StaticString] = ["title", "content", "message"]

    /// The texts of the first of `objects` that has any; without one the notification is named by `type`.
    package init(_ objects: [JSONObject], type: String) {
        func first(_ keys: StaticString...) -> String? {
            objects.lazy.flatMap { object in keys.map { object[$0] } }.compactMap(Self.text).first
        }
        let heading = first("title")
        title = heading ?? Self.words(of: type)
        content = first("content", "message") ?? title
        message = first("message", "content") ?? title
        level = first("level")
    }

    /// Whether `object` has any of the text fields.
    package static func areIn(_ object: JSONObject) -> Bool { names.contains { object[$0] != nil } }

    /// A non-empty string.
    package static func text(_ value: JSONValue?) -> String? {
        value?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether `field` is one that ``write(to:)`` writes.
    package static func holds(_ field: JSONField) -> Bool {
        field.hasKey("level") || names.contains { field.hasKey($0) }
    }

    /// The texts in topics.
    package func write(to writer: inout JSONWriter) {
        writer.key("title")
        writer.string(title)
        writer.key("content")
        writer.string(content)
        writer.key("message")
        writer.string(message)
        writer.key("level")
        writer.string(level ?? "info")
    }

    /// The texts in all other dialects.
    package func writePlain(to writer: inout JSONWriter) {
        writer.key("title")
        writer.string(title)
        writer.key("message")
        writer.string(message)
        guard let level else { return }
        writer.key("level")
        writer.string(level)
    }

    /// `new_follower` as `New follower`.
    private static func words(of type: String) -> String {
        let words = type.split(separator: "_").joined(separator: " ")
        return words.isEmpty ? "Notification" : words.prefix(1).uppercased() + words.dropFirst()
    }
}
