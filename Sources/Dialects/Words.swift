import Events
import JSON

/// A string for the wire, in the form at hand: no String is made where bytes suffice.
enum Words {
    /// A fixed string.
    case fixed(StaticString)
    /// A JSON string as written, with its quotes.
    case raw(JSONValue)
    /// Any text.
    case text(String)
}

extension JSONWriter {
    mutating func words(_ words: Words) {
        switch words {
        case .fixed(let word): string(word)
        case .raw(let value): self.value(value)
        case .text(let text): string(text)
        }
    }

    /// Every dialect's first field.
    mutating func type(_ words: Words) {
        key("type")
        self.words(words)
    }
}
