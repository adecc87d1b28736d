import JSON

/// The completed stages of a task: in order, each once, and bounded.
///
/// One rule for the loop, for Redis (`Publishing.lua` has it in Lua) and for a list in an event: a stage that would
/// break a bound is left out, and so is a duplicate. Stages are equal when their bytes are: Swift's `==` would equate
/// two spellings of one letter, and Lua does not.
public enum CompletedStages {
    /// Stages of one task. Tasks have few; this bounds a runaway worker.
    public static let maxCount = 256
    /// Bytes of all names together: every status carries them to each viewer.
    public static let maxBytes = 16_384

    /// The names of a list, within the bounds.
    package static func bounded(_ names: [String]) -> [String] {
        var known: Set<[UInt8]> = []
        var kept: [String] = []
        var bytes = 0
        for name in names {
            guard kept.count < maxCount else { break }
            let text = Array(name.utf8)
            guard bytes + text.count <= maxBytes, known.insert(text).inserted else { continue }
            kept.append(name)
            bytes += text.count
        }
        return kept
    }

    /// Adds a name to bounded names, where there is room.
    package static func add(_ name: String, to names: inout [String]) {
        let bytes = names.reduce(name.utf8.count) { $0 + $1.utf8.count }
        guard names.count < maxCount, bytes <= maxBytes,
            !names.contains(where: { $0.utf8.elementsEqual(name.utf8) })
        else { return }
        names.append(name)
    }
}
