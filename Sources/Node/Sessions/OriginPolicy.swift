/// From which web pages browsers may connect. Programs send no Origin and are not asked for one.
struct OriginPolicy: Sendable {
    private let allowed: Set<String>
    private let isDevelopment: Bool

    init(allowed: [String], isDevelopment: Bool) {
        self.allowed = Set(allowed.map { $0.lowercased() })
        self.isDevelopment = isDevelopment
    }

    /// Whether a page of `origin` may speak to the server it called `host`.
    func admits(origin: String?, host: String?) -> Bool {
        guard let origin = origin?.lowercased() else { return true }
        if allowed.contains("*") || allowed.contains(origin) { return true }
        if origin == "null" { return isDevelopment }
        guard let separator = origin.firstRange(of: "://") else { return false }
        let name = Self.withoutPort(origin[separator.upperBound...])
        if isDevelopment, ["localhost", "127.0.0.1", "[::1]"].contains(name) { return true }
        // Without ports: a proxy's `$host` has none.
        return host.map { Self.withoutPort($0.lowercased()[...]) == name } ?? false
    }

    private static func withoutPort(_ authority: Substring) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return String(authority.prefix { $0 != ":" })
    }
}
