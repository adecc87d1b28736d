public import HTTP

extension WebFile {
    /// What a page may load and reach: only this node. Scripts and styles come as files, never in the page.
    private static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    /// The answer to a GET or HEAD: the file, or 304 where the browser has it already (RFC 9110 13.1.2).
    public func response(to headers: Headers) -> Response {
        // Cached, and revalidated each time: a page is never older than its node.
        var fields: Headers = ["ETag": tag, "Cache-Control": "no-cache"]
        let isKnown = headers.values(of: "If-None-Match").contains { $0 == "*" || Self.strong($0) == tag }
        guard !isKnown else { return Response(status: 304, headers: fields) }
        fields.add("Content-Type", type)
        fields.add("X-Content-Type-Options", "nosniff")
        if isPage {
            fields.add("Content-Security-Policy", Self.contentSecurityPolicy)
            fields.add("Referrer-Policy", "no-referrer")
        }
        return Response(status: 200, headers: fields, body: bytes)
    }

    /// A tag without the mark that proxies add when they compress; If-None-Match compares without it.
    private static func strong(_ tag: String) -> String { tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag }
}
