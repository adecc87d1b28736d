internal import CLibuv

/// An error of the system or of libuv: a negative errno, or one of libuv's own numbers (`UV_EOF`, `UV_EAI_NONAME`).
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The number, negative as libuv gives it.
    public let number: Int32
    /// What was being done: `bind`, `connect`.
    public let operation: String

    /// An error of `operation`; positive errnos are turned.
    public init(_ number: Int32, _ operation: String) {
        self.number = number > 0 ? -number : number
        self.operation = operation
    }

    /// The symbol: `ECONNREFUSED`.
    public var code: String { String(cString: uv_err_name(number)) }
    /// The system's words: `connection refused`.
    public var message: String { String(cString: uv_strerror(number)) }
    /// Operation, words and symbol in one line.
    public var description: String { "\(operation): \(message) (\(code))" }

    /// Whether an address is taken.
    public var isAddressInUse: Bool { number == UV_EADDRINUSE.rawValue }
    /// Whether this kind of address does not exist on the machine.
    public var isAddressUnavailable: Bool {
        number == UV_EAFNOSUPPORT.rawValue || number == UV_EADDRNOTAVAIL.rawValue
    }

    static let timedOut = UV_ETIMEDOUT.rawValue
    static let canceled = UV_ECANCELED.rawValue
    static let again = UV_EAGAIN.rawValue

    /// Throws where `status` is negative.
    static func check(_ status: Int32, _ operation: String) throws(SystemError) {
        if status < 0 { throw SystemError(status, operation) }
    }
}
