/// Script arguments as the bytes that are sent.
extension [[UInt8]] {
    /// Each word's UTF-8.
    init(words: [String]) { self = words.map { [UInt8]($0.utf8) } }
}
