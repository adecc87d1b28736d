import HTTP

/// One member of `Sec-WebSocket-Extensions`: `name; parameter; parameter=value` (RFC 6455 9.1).
struct ExtensionItem: Equatable {
    struct Parameter: Equatable {
        var name: String
        var value: String?
    }

    var name: String
    var parameters: [Parameter]

    /// Every member, in order; nil when the field is malformed.
    static func all(in headers: Headers) -> [ExtensionItem]? {
        var items: [ExtensionItem] = []
        for member in headers.values(of: "Sec-WebSocket-Extensions") {
            guard let item = ExtensionItem(parsing: member) else { return nil }
            items.append(item)
        }
        return items
    }

    private init?(parsing member: String) {
        let parts = listMembers(member, separatedBy: ";")
        guard let name = parts.first, name.utf8.allSatisfy(isTokenCharacter) else { return nil }
        self.name = name
        parameters = []
        for part in parts.dropFirst() {
            guard let parameter = Parameter(parsing: part) else { return nil }
            parameters.append(parameter)
        }
    }
}

extension ExtensionItem.Parameter {
    fileprivate init?(parsing part: String) {
        let sides = listMembers(part, separatedBy: "=")
        guard (1...2).contains(sides.count), sides[0].utf8.allSatisfy(isTokenCharacter) else { return nil }
        name = sides[0]
        value = sides.count == 2 ? Self.unquoted(sides[1]) : nil
        if sides.count == 2 && value == nil { return nil }
    }

    /// A token, bare or in quotes; the text in quotes must be a token, too.
    private static func unquoted(_ text: String) -> String? {
        let isQuoted = text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
        let token = isQuoted ? String(text.dropFirst().dropLast()) : text
        return !token.isEmpty && token.utf8.allSatisfy(isTokenCharacter) ? token : nil
    }
}
