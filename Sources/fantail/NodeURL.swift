/// Where a node is reached: `http://host:port`, with a path before its own where a proxy puts one.
struct NodeURL: Sendable, Equatable {
    /// `http` or `https`.
    let scheme: String
    /// Host and port as they are written.
    let authority: String
    /// A path without its final slash; usually empty.
    let prefix: String

    /// Where a node is looked for that nobody has named.
    static let local = NodeURL(scheme: "http", authority: "127.0.0.1:8000", prefix: "")

    private init(scheme: String, authority: String, prefix: String) {
        self.scheme = scheme
        self.authority = authority
        self.prefix = prefix
    }

    /// Reads `http://host:8000`, `https://host/prefix`, also `ws://` and `wss://`, or `host:8000` alone; nil where it is none.
    init?(_ text: String) {
        var rest = Substring(text)
        var scheme = "http"
        for (written, meant) in [("http", "http"), ("https", "https"), ("ws", "http"), ("wss", "https")] {
            guard rest.lowercased().hasPrefix(written + "://") else { continue }
            scheme = meant
            rest = rest.dropFirst(written.count + 3)
            break
        }
        guard !rest.contains("://") else { return nil }
        let authority = rest.prefix { $0 != "/" }
        var prefix = rest.dropFirst(authority.count)
        while prefix.last == "/" { prefix = prefix.dropLast() }
        guard !authority.isEmpty, !authority.contains("@"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !#""<>\^`{|}?#"#.utf8.contains($0) })
        else { return nil }
        self.init(scheme: scheme, authority: String(authority), prefix: String(prefix))
    }

    /// The URL of a path of the node's.
    func url(_ path: String) -> String { text + path }

    /// The URL of the node.
    var text: String { "\(scheme)://\(authority)\(prefix)" }

    /// The name or address of the host; an IPv6 address without its brackets.
    var host: String {
        if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }

    /// The port.
    var port: UInt16 {
        let behind = authority.hasPrefix("[") ? authority.drop { $0 != "]" }.dropFirst() : authority[...]
        return behind.lastIndex(of: ":").flatMap { UInt16(behind[behind.index(after: $0)...]) }
            ?? (scheme == "https" ? 443 : 80)
    }

    /// Whether it is this machine.
    var isLocal: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}

/// A segment of a path, with everything encoded that is not unreserved (RFC 3986 2.3).
func pathSegment(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { result, byte in
        let character = Character(Unicode.Scalar(byte))
        if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
            result.append(character)
        } else {
            result += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
        }
    }
}
