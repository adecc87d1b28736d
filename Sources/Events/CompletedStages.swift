import JSON

/// The stages of a task that are done: in order, each once, and bounded.
///
/// One rule for the loop, for what Redis keeps (`PublishCore.stagesLua` says the same in Lua) and for a list that an event
/// gives: a stage that would break a bound is left out, and so is one that is there already. Stages are the same when
/// their bytes are: Swift's `==` would take two spellings of one letter for the same, and Lua knows no such thing.
public enum CompletedStages {
    /// Stages of one task. They are few; this bounds a runaway worker.
    public static let maxCount = 256
    /// Bytes of all their names together: each viewer is told them with every status.
    public static let maxBytes = 16_384

    /// The names of a list, as far as they may be kept.
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

    /// Adds one more to names that are bounded, where there is room.
    package static func add(_ name: String, to names: inout [String]) {
        let bytes = names.reduce(name.utf8.count) { $0 + $1.utf8.count }
        guard names.count < maxCount, bytes <= maxBytes,
            !names.contains(where: { $0.utf8.elementsEqual(name.utf8) })
        else { return }
        names.append(name)
    }
}
