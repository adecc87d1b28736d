// How the fields say where a body ends (RFC 9112 6). Two readings of that are how requests are smuggled through proxies,
// so whatever is not plain is refused.

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

    /// The methods of which the body is the point. One that forgot its length would be taken for the next request.
    static func needsBody(_ method: String) -> Bool { ["POST", "PUT", "PATCH"].contains(method) }
}

/// What the fields of a request or response say; nil when they say nothing.
func messageFraming(
    _ headers: Headers, version: HTTPVersion, maxBodyBytes: Int
) throws(HTTPError) -> BodyFraming? {
    let codings = headers.lines(of: "Transfer-Encoding")
    let lengths = headers.lines(of: "Content-Length")
    if codings.isEmpty { return try lengths.isEmpty ? nil : .length(parseLength(lengths, maxBytes: maxBodyBytes)) }
    guard lengths.isEmpty else { throw .malformed("both Content-Length and Transfer-Encoding") }
    guard version == .http11 else { throw .malformed("Transfer-Encoding in HTTP/1.0") }
    let names = headers.values(of: "Transfer-Encoding")
    // RFC 9112 6.1: 501 for a coding that we do not know.
    guard names.allSatisfy({ equalsIgnoringCase($0, "chunked") }) else {
        throw HTTPError(status: 501, code: .badRequest, message: "the only transfer coding here is chunked")
    }
    guard names.count == 1 else { throw .malformed("chunked must be named exactly once") }
    return .chunked
}

/// RFC 9112 6.3, 5: the same length said twice is one length, different ones are an error.
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

/// Digits only: no sign, no space. A number above `Int` is `Int.max`, which no bound lets through.
private func parseDecimal(_ text: Substring.UTF8View) throws(HTTPError) -> Int {
    guard !text.isEmpty, text.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
        throw .malformed("Content-Length is not a number")
    }
    return Int(Substring(text)) ?? .max
}
