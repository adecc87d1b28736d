internal import CTLS

/// Why a TLS handshake or connection failed. The connection is useless afterwards.
public enum TLSError: Error, Hashable, Sendable {
    /// A file of certificates or keys is unusable; the message names the file.
    case file(String)
    /// The peer's certificate does not prove who the peer is: wrong authority, wrong name, expired.
    case untrusted(String)
    /// The peer refuses our certificate, or demands one and got none.
    case rejected(String)
    /// The peer speaks plain HTTP, not TLS.
    case plainHTTP
    /// The peer's bytes are not TLS, or use a version or an option that this side refuses.
    case failed(String)

    /// The cause in one line.
    public var message: String {
        switch self {
        case .file(let message), .untrusted(let message), .rejected(let message), .failed(let message): message
        case .plainHTTP: "the client speaks plain HTTP, and this port speaks TLS"
        }
    }
}

extension TLSError {
    /// The errors in OpenSSL's queue, oldest first; this empties the queue. Every failed call of OpenSSL leaves its
    /// errors there, for the whole thread.
    static func taken(otherwise text: String) -> TLSError {
        let first = ERR_get_error()
        defer { ERR_clear_error() }
        guard first != 0 else { return .failed(text) }
        if fantail_tls_is_http_request(first) == 1 { return .plainHTTP }
        guard let reason = ERR_reason_error_string(first).map({ String(cString: $0) }) else { return .failed(text) }
        return fantail_tls_rejects_certificate(first) == 1 ? .rejected(reason) : .failed(reason)
    }
}
