import Base

/// A third party's address, as `--upstream` and a task's `apiEndpoint` name it: `https://api.example.com[:port][/base]`.
///
/// Parsed strictly and rebuilt from its parts, so that the node requests exactly the address that it checked: no user,
/// query, fragment, backslash or dot segment, and no spelling of a host that another parser could read differently.
public struct UpstreamEndpoint: Hashable, Sendable {
    /// `http` or `https`.
    public let scheme: String
    /// In lower case; IPv6 in brackets.
    public let host: String
    /// The port, or the scheme's default.
    public let port: Int
    /// The path before the node's own: empty, or with a slash first and none last.
    public let path: String

    /// Bytes of an address: the bound of browsers and proxies for a whole URL.
    static let maxBytes = 2048

    /// The address `text`; nil when it is none.
    public init?(_ text: String) {
        let text = text.utf8
        guard text.count <= Self.maxBytes, let mark = text.firstRange(of: "://".utf8) else { return nil }
        let rest = text[mark.upperBound...]
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        guard let scheme = Self.scheme(text[..<mark.lowerBound]), let path = Self.path(rest[slash...]),
            let (host, port) = Self.authority(rest[..<slash])
        else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port ?? (scheme == "https" ? 443 : 80)
        self.path = path
    }

    /// Whether both are the same party: scheme, host and port.
    public func isSameParty(as other: UpstreamEndpoint) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }

    /// Scheme, host and port: the part that may be logged.
    public var origin: String { "\(scheme)://\(host):\(port)" }

    /// The address with its path.
    public var text: String { origin + path }

    /// The URL of the status of the third party's task `id` (ops/dialects.md).
    public func statusURL(of id: String) -> String {
        "\(text)/sora/v1/videos/\(PercentCoding.encode(id))"
    }

    // MARK: Parts

    private static func scheme(_ text: Substring.UTF8View) -> String? {
        let scheme = String(Substring(text)).lowercased()
        return scheme == "http" || scheme == "https" ? scheme : nil
    }

    private static func authority(_ text: Substring.UTF8View) -> (String, Int?)? {
        let text = String(Substring(text)).lowercased()
        var host = text[...]
        var rest = Substring()
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[...end]
            rest = text[text.index(after: end)...]
            let digits = host.dropFirst().dropLast().utf8
            guard digits.contains(UInt8(ascii: ":")),
                digits.allSatisfy({ $0.hexadecimalValue != nil || ":.".utf8.contains($0) })
            else { return nil }
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<colon]
            rest = text[colon...]
            guard (1...253).contains(host.utf8.count), host.utf8.allSatisfy(isHostByte) else { return nil }
        }
        if rest.isEmpty { return (String(host), nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isDigit),
            let port = Int(digits), (1...65535).contains(port)
        else { return nil }
        return (String(host), port)
    }

    private static func path(_ text: Substring.UTF8View) -> String? {
        guard text.allSatisfy({ PercentCoding.isUnreserved($0) || "/%:@!$&'()*+,;=".utf8.contains($0) }) else {
            return nil
        }
        var path = Substring(text)
        while path.hasSuffix("/") { path.removeLast() }
        let isWalking = path.split(separator: "/").contains { $0 == "." || $0 == ".." }
        return isWalking ? nil : String(path)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || ".-_".utf8.contains(byte)
    }
}
