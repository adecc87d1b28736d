// How the fields say where a body ends (RFC 9112 6). Where two programs read that differently, requests can be smuggled
// through proxies, so every ambiguous form is refused.

extension RequestHead {
    static func framing(
        _ headers: Headers, version: HTTPVersion, method: String, limits: HTTPLimits
    ) throws(HTTPError) -> BodyFraming {
        if let framing = try messageFraming(headers, version: version, maxBodyBytes: limits.maxBodyBytes) {
            return framing
        }
        guard !needsBody(method) else {
            throw HTTPError(status: 411, code: .badRequest, message: "a Content-Length is needed")
        }
        return .noBody
    }

    /// The methods that need a body. Without a length, the body would be read as the next request.
    static func needsBody(_ method: String) -> Bool { ["POST", "PUT", "PATCH"].contains(method) }
}

/// The framing in the fields of a request or response; nil when they have none.
func messageFraming(
    _ headers: Headers, version: HTTPVersion, maxBodyBytes: Int
) throws(HTTPError) -> BodyFraming? {
    let codings = headers.lines(of: "Transfer-Encoding")
    let lengths = headers.lines(of: "Content-Length")
    if codings.isEmpty { return try lengths.isEmpty ? nil : .length(parseLength(lengths, maxBytes: maxBodyBytes)) }
    guard lengths.isEmpty else { throw .malformed("both Content-Length and Transfer-Encoding") }
    guard version == .http11 else { throw .malformed("Transfer-Encoding in HTTP/1.0") }
    let names = headers.values(of: "Transfer-Encoding")
    // RFC 9112 6.1: 501 for an unknown coding.
    guard names.allSatisfy({ equalsIgnoringCase($0, "chunked") }) else {
        throw HTTPError(status: 501, code: .badRequest, message: "the only transfer coding here is chunked")
    }
    guard names.count == 1 else { throw .malformed("chunked must be named exactly once") }
    return .chunked
}

/// RFC 9112 6.3, 5: repeated equal lengths count as one, different ones are an error.
private func parseLength(_ lines: [String], maxBytes: Int) throws(HTTPError) -> Int {
    var length: Int?
    for line in lines {
        for member in line.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let value = try parseDecimal(trimmed(member))
            guard length == nil || length == value else { throw .malformed("different Content-Lengths") }
            length = value
        }
    }
    guard let length else { throw .malformed("Content-Length is empty") }
    guard length <= maxBytes else { throw .bodyTooLarge(maxBytes: maxBytes) }
    return length
}

/// Digits only: no sign, no space. A number above `Int` becomes `Int.max`, which exceeds every bound.
private func parseDecimal(_ text: Substring.UTF8View) throws(HTTPError) -> Int {
    guard !text.isEmpty, text.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
        throw .malformed("Content-Length is not a number")
    }
    return Int(Substring(text)) ?? .max
}
