package import Access
package import HTTP

/// REST for pages of other origins, as `--allow-origin` allows (Fetch Standard, "CORS protocol").
package enum CrossOrigin {
    /// Seconds that a browser may cache a preflight answer: Chromium's maximum.
    private static let maxAge = "7200"

    /// The fields that let the page read the answer; none where no page asks, or one that may not.
    package static func headers(for head: RequestHead, _ origins: OriginPolicy) -> Headers {
        guard let origin = head.headers["Origin"], origins.admits(origin: origin, host: head.host) else { return [:] }
        return [
            "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Retry-After", "Vary": "Origin",
        ]
    }

    /// The answer to a preflight request; nil for any other request.
    package static func preflight(_ head: RequestHead, _ origins: OriginPolicy) -> Response? {
        guard head.method == "OPTIONS", head.headers["Access-Control-Request-Method"] != nil else { return nil }
        var headers: Headers = ["Vary": "Origin"]
        if let origin = head.headers["Origin"], origins.admits(origin: origin, host: head.host) {
            headers.add("Access-Control-Allow-Origin", origin)
            headers.add("Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE")
            headers.add(
                "Access-Control-Allow-Headers", "Authorization, X-API-Key, Content-Type, Idempotency-Key, Last-Event-ID"
            )
            headers.add("Access-Control-Max-Age", maxAge)
        }
        return Response(status: 204, headers: headers)
    }
}
