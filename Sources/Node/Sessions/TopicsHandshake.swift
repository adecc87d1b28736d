import Events
import Dialects
import HTTP

/// What a `topics` client says of itself in the query (ops/dialects.md).
enum TopicsHandshake {
    /// Throws where the protocol is another one than 1 or 1.x, or the client's name cannot be one.
    static func check(_ query: Query) throws(Fault) {
        let version = given("protocol", query) ?? "1.0"
        let parts = version.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isKnown = parts[0] == "1" && (parts.count == 1 || Int(parts[1]) != nil)
        guard isKnown else {
            throw Fault(.protocolError, "protocol \(version.prefix(32)) is not spoken here; 1.0 is")
        }
        guard given("clientId", query).map({ Identifier($0) != nil }) ?? true else {
            throw Fault(
                .protocolError, "clientId must be \(Identifier.rule)")
        }
    }

    /// The client's name for itself, where it gives one.
    static func clientID(_ query: Query) -> String? { given("clientId", query) }

    /// What is empty is not given.
    private static func given(_ name: String, _ query: Query) -> String? {
        query[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
