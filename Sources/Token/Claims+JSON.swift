import JSON

extension Claims {
    /// Reads the claims of a verified token.
    init(_ object: JSONObject) throws(TokenError) {
        let sub = object["sub"].flatMap { $0.isNull ? nil : $0 }
        guard let user = Self.identifier(sub ?? object["userId"]) else {
            throw TokenError(
                code: .badClaims, message: "the token names no user: sub must be 1 to 128 printable ASCII characters")
        }
        let name = [object["username"], object["name"]].lazy.compactMap { $0?.string }.first { !$0.isEmpty }
        self.init(
            user: user, username: name, teams: object["teams"]?.strings ?? [],
            scopes: Set((object["scope"]?.string ?? "").split(separator: " ").map(String.init)),
            tasks: object["tasks"]?.strings ?? [], topics: object["topics"]?.strings ?? [],
            expiresAt: try TokenVerifier.time("exp", in: object))
    }

    /// An id, given as a string or an integer, within the rule for ids.
    private static func identifier(_ value: JSONValue?) -> String? {
        guard let text = value?.string ?? value?.integer?.description,
            (1...TokenLimits.maxIdentifierBytes).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "}") })
        else { return nil }
        return text
    }
}
