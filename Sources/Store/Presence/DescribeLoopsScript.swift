package import RESP

/// Reads the node and version that loops stored when they took their leases.
package struct DescribeLoopsScript: ScriptRequest {
    package static let script = RedisScript("presence-describe", file: "DescribeLoopsScript")
    package let keys: [String]
    package let arguments: [[UInt8]] = []

    /// A loop's node.
    package struct Loop: Sendable, Equatable {
        /// The id of its node.
        package let node: String
        /// The version of its program; empty where it stored none.
        package let version: String
    }

    /// Asks about the loops of these names.
    package init(_ incarnations: [String], keys: PresenceKeys) { self.keys = incarnations.map(keys.about) }

    /// Each loop's node and version; nil where the loop is gone.
    package func reply(_ value: RedisValue) -> [Loop?]? {
        guard let fields = value.array, fields.count == keys.count * 3 else { return nil }
        return keys.indices.map { place in
            fields[place * 3].string.map { Loop(node: $0, version: fields[place * 3 + 2].string ?? "") }
        }
    }
}
