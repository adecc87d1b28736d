import Base

/// The address of a node: `http://host:port`, with a path before the node's own where a proxy adds one.
package struct NodeURL: Sendable, Equatable {
    /// `http` or `https`.
    package let scheme: String
    /// Host and port as written.
    package let authority: String
    /// The name or address of the host; an IPv6 address without its brackets.
    package let host: String
    /// The port, or the scheme's default.
    package let port: UInt16
    /// A path without its final slash; usually empty.
    package let prefix: String

    /// The default node.
    package static let local = NodeURL(
        scheme: "http", authority: "127.0.0.1:8000", host: "127.0.0.1", port: 8000, prefix: "")

    private init(scheme: String, authority: String, host: String, port: UInt16, prefix: String) {
        self.scheme = scheme
        self.authority = authority
        self.host = host
        self.port = port
        self.prefix = prefix
    }

    /// Reads `http://host:8000`, `https://host/prefix`, also `ws://` and `wss://`, or `host:8000` alone; nil where it is none.
    package init?(_ text: String) {
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
        guard let (host, port) = Self.split(authority), !authority.contains("@"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !#""<>\^`{|}?#"#.utf8.contains($0) })
        else { return nil }
        self.init(
            scheme: scheme, authority: String(authority), host: host, port: port ?? (scheme == "https" ? 443 : 80),
            prefix: String(prefix))
    }

    /// Host and port; nil for anything else: whatever reads the URL later must find the same host in it.
    private static func split(_ authority: Substring) -> (String, UInt16?)? {
        var host = authority.prefix { $0 != ":" }
        var rest = authority[host.endIndex...]
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[..<end].dropFirst()
            rest = authority[authority.index(after: end)...]
        }
        guard !host.isEmpty, !host.contains("["), !host.contains("]") else { return nil }
        if rest.isEmpty { return (String(host), nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits),
            port > 0
        else { return nil }
        return (String(host), port)
    }

    /// The URL of a node's path.
    package func url(_ path: String) -> String { text + path }

    /// The URL of the node.
    package var text: String { "\(scheme)://\(authority)\(prefix)" }

    /// Whether it is this machine.
    package var isLocal: Bool { SocketAddress.isThisMachine(host: host) }
}
