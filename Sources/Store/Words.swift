/// What scripts are given, as the bytes it is sent as.
extension [[UInt8]] {
    /// Each word's UTF-8.
    init(words: [String]) { self = words.map { [UInt8]($0.utf8) } }
}
