package import JSON

extension JSONWriter {
    /// An array of strings.
    package mutating func strings(_ strings: [String]) {
        beginArray()
        for text in strings { string(text) }
        endArray()
    }
}
