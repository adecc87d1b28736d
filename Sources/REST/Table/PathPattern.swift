/// The path of a row of the table, such as `/api/v1/tasks/{id}/events`: a word matches itself, `{id}` any segment, also
/// an empty one.
struct PathPattern: Equatable, Sendable {
    /// One segment of a path.
    private enum Part: Equatable {
        case word(String)
        case any(name: String)
    }

    /// The pattern as written in the table and in openapi.json.
    let text: String
    private let parts: [Part]

    /// Reads a pattern. Patterns are part of this program, so a wrong one traps.
    init(_ text: String) {
        precondition(text.hasPrefix("/"), "PathPattern \(text): a path begins with /")
        self.text = text
        let path = text.dropFirst()
        parts = path.isEmpty ? [] : path.split(separator: "/", omittingEmptySubsequences: false).map(Self.part)
        let names = parts.compactMap { if case .any(let name) = $0 { name } else { nil } }
        precondition(Set(names).count == names.count, "PathPattern \(text): a name stands for one segment")
    }

    private static func part(_ segment: Substring) -> Part {
        guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return .word(String(segment)) }
        return .any(name: String(segment.dropFirst().dropLast()))
    }

    /// How many segments the paths of this pattern have.
    var count: Int { parts.count }

    /// The segment of each name, where a path, in decoded segments, matches; nil where it does not.
    func values(in segments: [String]) -> [String: String]? {
        guard segments.count == parts.count else { return nil }
        var values: [String: String] = [:]
        for (part, segment) in zip(parts, segments) {
            switch part {
            case .word(let word): guard word == segment else { return nil }
            case .any(let name): values[name] = segment
            }
        }
        return values
    }
}
