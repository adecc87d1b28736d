/// The id of a task, user, team or topic: 1 to 128 bytes of printable ASCII without spaces and braces.
///
/// A brace would move the Redis keys to another hash slot; every other id outside the rule is refused at the edge.
public struct Identifier: Hashable, Sendable {
    /// The id as the client or the worker wrote it.
    public let text: String

    /// The rule for ids, in words.
    public static let rule =
        "1 to \(EventLimits.maxIdentifierBytes) printable ASCII characters without spaces and braces"

    /// The id `text`; nil when it breaks the rule.
    public init?(_ text: String) {
        guard Self.isValid(text.utf8) else { return nil }
        self.text = text
    }

    package static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
        guard bytes.count >= 1, bytes.count <= EventLimits.maxIdentifierBytes else { return false }
        return bytes.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "{") && byte != UInt8(ascii: "}")
        }
    }
}
