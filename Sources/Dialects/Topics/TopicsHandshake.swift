public import Events

extension TopicsDialect {
    /// The client's name for itself (`clientId`), where it gives one. Throws where `protocol` is neither 1 nor 1.x, or
    /// the name is not valid (ops/dialects.md).
    public static func clientID(query: (String) -> String?) throws(Fault) -> String? {
        let version = given(query("protocol")) ?? "1.0"
        let parts = version.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0] == "1", parts.count == 1 || Int(parts[1]) != nil else {
            throw Fault(.protocolError, "protocol \(version.prefix(32)) is not spoken here; 1.0 is")
        }
        guard let name = given(query("clientId")) else { return nil }
        guard Identifier(name) != nil else { throw Fault(.protocolError, "clientId must be \(Identifier.rule)") }
        return name
    }

    /// An empty value counts as missing.
    private static func given(_ value: String?) -> String? { value.flatMap { $0.isEmpty ? nil : $0 } }
}
