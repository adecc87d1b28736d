internal import CTLS

/// Why a TLS connection cannot be made or cannot go on. After it the connection is of no use.
public enum TLSError: Error, Hashable, Sendable {
    /// A file of certificates or keys cannot be used; the message names the file.
    case file(String)
    /// The peer's certificate does not prove who the peer is: wrong authority, wrong name, expired.
    case untrusted(String)
    /// The peer does not take our certificate, or wants one and got none.
    case rejected(String)
    /// The other side speaks plain HTTP, not TLS.
    case plainHTTP
    /// What the peer sent is no TLS, or one that this side does not take.
    case failed(String)

    /// What went wrong, in one line.
    public var message: String {
        switch self {
        case .file(let message), .untrusted(let message), .rejected(let message), .failed(let message): message
        case .plainHTTP: "the client speaks plain HTTP, and this port speaks TLS"
        }
    }
}

extension TLSError {
    /// What OpenSSL's queue of errors says, oldest first; it is empty afterwards. Every call of OpenSSL that fails leaves its
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
