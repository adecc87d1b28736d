import Base

extension RedisEndpoint {
    /// Reads `redis://[user:password@]host[:port][/db]`, `rediss://` for TLS, or `unix:///path`; user, password and
    /// path are percent-decoded.
    public init(parsing url: String) throws(RedisURLError) {
        guard let separator = url.firstRange(of: "://") else {
            throw RedisURLError("expected redis://[user:password@]host[:port][/db], rediss:// or unix:///path")
        }
        let rest = url[separator.upperBound...]
        guard !rest.contains("?"), !rest.contains("#") else {
            throw RedisURLError("a Redis URL takes no parameters (? or #); percent-encode them in a password")
        }
        switch url[..<separator.lowerBound].lowercased() {
        case "redis": self = try Self.tcp(rest)
        case "rediss":
            self = try Self.tcp(rest)
            tls = RedisTLS()
        case "unix": self = try Self.unix(rest)
        case let scheme where scheme.contains("sentinel"):
            throw RedisURLError("expected redis-sentinel://[user:password@]h1[:26379],h2,…/NAME[/db]")
        case let scheme where scheme.contains("cluster"):
            throw RedisURLError(
                "expected redis://[user:password@]h1[:6379],h2,… for a cluster; one of its servers is enough")
        default:
            throw RedisURLError("unknown scheme; expected redis://, rediss://, redis-sentinel:// or unix://")
        }
    }

    private static func unix(_ rest: Substring) throws(RedisURLError) -> RedisEndpoint {
        guard rest.hasPrefix("/"), rest.count > 1 else {
            throw RedisURLError("expected unix:///path with an absolute path")
        }
        let path = try percentDecoded(rest, "the socket's path")
        guard path.utf8.count <= maxUnixPathBytes else {
            throw RedisURLError("the socket's path is longer than \(maxUnixPathBytes) bytes")
        }
        return RedisEndpoint(address: .unix(path: path))
    }

    /// `sun_path` is 108 bytes with its NUL (unix(7)).
    private static let maxUnixPathBytes = 107

    private static func tcp(_ rest: Substring) throws(RedisURLError) -> RedisEndpoint {
        let authority = rest.prefix { $0 != "/" }
        let path = rest[authority.endIndex...]
        guard !authority.contains(",") else {
            throw RedisURLError(
                "this names several hosts; name one, a cluster's with redis://h1,h2, or Sentinels with redis-sentinel://h1,h2/NAME"
            )
        }
        // The last @ separates: passwords often contain a raw @, and the form stays unambiguous.
        let at = authority.lastIndex(of: "@")
        var endpoint = RedisEndpoint(
            address: try hostAndPort(at.map { authority[authority.index(after: $0)...] } ?? authority))
        if let at { (endpoint.user, endpoint.password) = try login(authority[..<at]) }
        endpoint.database = try database(path)
        return endpoint
    }

    static func login(_ text: Substring) throws(RedisURLError) -> (user: String?, password: String) {
        guard let colon = text.firstIndex(of: ":") else {
            throw RedisURLError("a login needs a password: redis://user:password@host or redis://:password@host")
        }
        let user = try percentDecoded(text[..<colon], "the user")
        let password = try percentDecoded(text[text.index(after: colon)...], "the password")
        guard !password.isEmpty else { throw RedisURLError("the password is empty") }
        return (user.isEmpty ? nil : user, password)
    }

    static func hostAndPort(_ text: Substring, port defaultPort: UInt16 = 6379) throws(RedisURLError) -> Address {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else {
                throw RedisURLError("an IPv6 address needs its closing ]")
            }
            host = text[text.index(after: text.startIndex)..<close]
            let after = text[text.index(after: close)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw RedisURLError("expected :port after ]") }
            port = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            guard !port!.contains(":") else {
                throw RedisURLError("write an IPv6 address in brackets: redis://[::1]:6379")
            }
        }
        guard !host.isEmpty, host.utf8.count <= 255, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw RedisURLError("the host is missing or not a host name; percent-encode / in a password as %2F")
        }
        guard let port else { return .tcp(host: String(host), port: defaultPort) }
        guard let number = decimal(port), let valid = UInt16(exactly: number), valid > 0 else {
            throw RedisURLError("the port must be a number from 1 to 65535")
        }
        return .tcp(host: String(host), port: valid)
    }

    static func database(_ path: Substring) throws(RedisURLError) -> Int {
        let text = path.dropFirst()
        if text.isEmpty { return 0 }
        guard let number = decimal(text) else { throw RedisURLError("the database after / must be a number") }
        return number
    }

    /// Digits only, which refuses `+1`; at most nine digits, so the number always fits.
    private static func decimal(_ text: Substring) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int(text)
    }

    /// Decodes `%XX`; refuses a stray %, a NUL (C strings end there) and bytes that are not UTF-8.
    static func percentDecoded(_ text: Substring, _ part: String) throws(RedisURLError) -> String {
        guard let bytes = PercentCoding.decode(text.utf8) else {
            throw RedisURLError("\(part) has a % that is not followed by two hexadecimal digits")
        }
        guard !bytes.contains(0), let decoded = String(validating: bytes, as: UTF8.self) else {
            throw RedisURLError("\(part) is not text in UTF-8")
        }
        return decoded
    }
}
