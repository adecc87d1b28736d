public import HTTP

/// The token of a request.
public enum Credentials: Equatable, Sendable {
    /// A token, from any place.
    case token(String)
    /// `Authorization` is present, but is not one `Bearer` and a token.
    case otherScheme
    /// No token.
    case none

    /// Reads `Authorization` (RFC 6750 2.1). The scheme compares without case (RFC 9110 11.1).
    public init(header headers: Headers) {
        let lines = headers.lines(of: "Authorization")
        guard let line = lines.first else {
            self = .none
            return
        }
        let parts = line.split(separator: " ", maxSplits: 1)
        guard lines.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" else {
            self = .otherScheme
            return
        }
        self = .token(String(parts[1]))
    }

    /// Reads the query's `token`. An empty token is none.
    public init(query: Query) {
        guard let token = query["token"], !token.isEmpty else {
            self = .none
            return
        }
        self = .token(token)
    }

    /// The token in the query, else the one in `Authorization`. The query wins: the author of the address chose it,
    /// while a browser may add the header for a page's password, or a proxy for itself.
    public init(_ head: RequestHead) {
        let query = Credentials(query: head.query)
        self = query == .none ? Credentials(header: head.headers) : query
    }

    /// The token, where there is one.
    public var token: String? {
        if case .token(let token) = self { token } else { nil }
    }
}
