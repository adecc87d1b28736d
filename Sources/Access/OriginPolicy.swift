import Base

/// The web pages from which browsers may connect. Programs send no Origin and need none.
public struct OriginPolicy: Sendable {
    private let allowed: Set<String>
    private let allowedHosts: Set<String>
    private let isDevelopment: Bool

    /// Pages of the origins in `allowed` may connect, and those of the server's own host; `*` allows all.
    public init(allowed: [String], isDevelopment: Bool) {
        self.allowed = Set(allowed.map { $0.lowercased() })
        allowedHosts = Set(
            self.allowed.compactMap { origin in
                origin.firstRange(of: "://").map { Self.withoutPort(origin[$0.upperBound...]) }
            })
        self.isDevelopment = isDevelopment
    }

    /// Whether a page of `origin` may connect to the server under the name `host`.
    public func admits(origin: String?, host: String?) -> Bool {
        guard let text = origin else { return true }
        if allowed.contains("*") { return true }
        // No browser sends `http://localhost:80@elsewhere`, so no page may.
        guard let origin = Self.origin(text) else { return false }
        if allowed.contains(origin) { return true }
        if origin == "null" { return isDevelopment }
        guard let separator = origin.firstRange(of: "://") else { return false }
        let name = Self.withoutPort(origin[separator.upperBound...])
        if isDevelopment, ["localhost", "127.0.0.1", "[::1]"].contains(name) { return true }
        // Compared without ports: a proxy's `$host` has none.
        return host.map { Self.withoutPort($0.lowercased()[...]) == name } ?? false
    }

    /// Whether a request may name this server `host`. A development node accepts a token that everybody knows, and any
    /// page on the web can point its own domain to this machine and so share the node's origin (DNS rebinding). So a
    /// development node answers only to names that nobody else can point here: addresses, `localhost` and names without
    /// a dot, or those of `--allow-origin`.
    public func admits(host: String?) -> Bool {
        guard isDevelopment, let host = host?.lowercased(), !allowed.contains("*") else { return true }
        let name = Self.withoutPort(host[...])
        if !name.contains(".") || name.hasPrefix("[") || name.hasSuffix(".localhost") { return true }
        if SocketAddress(literal: name, port: 0) != nil { return true }
        return allowedHosts.contains(name)
    }

    /// The origin of `text` as browsers send it: scheme, host, and the port unless it is the scheme's default, in lower
    /// case; also `*` and `null` (a page without an origin). Nil where no browser sends it.
    public static func origin(_ text: String) -> String? {
        var text = text.lowercased()
        if text == "*" || text == "null" { return text }
        if text.hasSuffix("/") { text.removeLast() }
        guard let separator = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<separator.lowerBound]
        let authority = text[separator.upperBound...]
        let host = withoutPort(authority)
        let port = authority.dropFirst(host.count)
        guard let first = scheme.utf8.first, isLetter(first),
            scheme.utf8.allSatisfy({ isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) }), isHost(host)
        else { return nil }
        guard !port.isEmpty else { return text }
        guard let number = UInt16(port.dropFirst()), number > 0, port.dropFirst().utf8.allSatisfy(isDigit) else {
            return nil
        }
        let own: [String: UInt16] = ["http": 80, "https": 443]
        return own[String(scheme)] == number ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(number)"
    }

    /// A host name or an address; an IPv6 address in brackets.
    private static func isHost(_ host: String) -> Bool {
        if host.hasPrefix("[") {
            return host.hasSuffix("]") && host.count > 4
                && host.dropFirst().dropLast().utf8.allSatisfy {
                    isDigit($0) || (0x61...0x66).contains($0) || ":.".utf8.contains($0)
                }
        }
        return !host.isEmpty && host.utf8.allSatisfy { isLetter($0) || isDigit($0) || "-._".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func withoutPort(_ authority: Substring) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return String(authority.prefix { $0 != ":" })
    }
}
