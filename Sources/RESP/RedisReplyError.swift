/// An error reply: `-CODE message`.
public struct RedisReplyError: Error, Equatable, Hashable, Sendable, CustomStringConvertible {
    /// The first word: `ERR`, `NOSCRIPT`, `OOM`, `FINISHED` …
    public let code: String
    /// The text after the code; may be empty.
    public let message: String

    /// An error from its two parts.
    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// Reads the line after `-`.
    public init(line: some StringProtocol) {
        let code = line.prefix { $0 != " " }
        self.init(code: String(code), message: String(line[code.endIndex...].dropFirst()))
    }

    /// The line as Redis sent it.
    public var description: String { message.isEmpty ? code : "\(code) \(message)" }
}

extension RedisReplyError {
    /// Redis is up but not ready: it loads its dump, has lost its master, runs a slow script, or has too many clients.
    /// Waiting helps.
    public var asksToWait: Bool {
        switch code {
        case "LOADING", "MASTERDOWN", "BUSY", "TRYAGAIN", "CLUSTERDOWN": true
        // Redis has no code for this error.
        case "ERR": message.hasPrefix("max number of clients")
        default: false
        }
    }

    /// Redis refuses this user or this command. Only an operator can help, so retries are slow and the log says so.
    public var deniesAccess: Bool {
        switch code {
        case "NOAUTH", "WRONGPASS", "NOPERM", "DENIED": true
        // Redis has no code for AUTH with a password where none is set.
        case "ERR": message.hasPrefix("AUTH ") || message.hasPrefix("Client sent AUTH")
        default: false
        }
    }

    /// The user lacks a right; Redis may still accept the login.
    public var lacksRight: Bool { code == "NOPERM" }

    /// The Redis is a replica now and takes no writes; the master is another Redis.
    public var isReadOnly: Bool { code == "READONLY" }

    /// Redis refuses writes for now: no memory, a replica, or a failed save (OOM, READONLY, MISCONF, NOREPLICAS).
    public var refusesWrites: Bool {
        switch code {
        case "OOM", "READONLY", "MISCONF", "NOREPLICAS": true
        default: false
        }
    }
}
