internal import CLibuv

/// A failed call of the system or of libuv: the operation and its error number.
///
/// The caller knows the address or file and names it in its report; the error itself stays at 8 bytes.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The failed operation.
    public enum Operation: String, Sendable {
        /// Setting up a loop, a handle or a thread.
        case start
        /// Resolving a host name.
        case lookUp = "look up"
        /// Making a socket.
        case open
        /// Changing a socket's options.
        case configure
        /// Giving a socket its address.
        case bind
        /// Waiting for connections.
        case listen
        /// Taking a connection from a listening socket.
        case accept
        /// Connecting to an address.
        case connect
        /// Reading from a connection.
        case read
        /// Writing to a connection.
        case write
        /// Speaking TLS; ``Stream/securityError`` names the cause.
        case secure
        /// Watching for a signal.
        case watch
        /// Asking for, or changing, a limit of the process.
        case limit
    }

    /// The failed operation.
    public let operation: Operation
    /// The `errno` value, positive: `ECONNREFUSED`, `ETIMEDOUT`, … A failed name lookup has libuv's numbers, from 3000.
    public let code: Int32

    /// The error of `operation`; `code` may have either sign (libuv gives negative ones).
    public init(_ operation: Operation, code: Int32) {
        self.operation = operation
        self.code = code < 0 ? -code : code
    }

    /// The number's name: `ECONNREFUSED`.
    public var name: String { text(uv_err_name_r) }

    /// The number's meaning: `connection refused`.
    public var message: String { text(uv_strerror_r) }

    /// Operation, meaning and name: `connect: connection refused (ECONNREFUSED)`.
    public var description: String { "\(operation.rawValue): \(message) (\(name))" }

    /// The `_r` forms, since the plain ones leak memory for every unknown number.
    private func text(
        _ describe: (Int32, UnsafeMutablePointer<CChar>?, Int) -> UnsafeMutablePointer<CChar>?
    ) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = describe(-code, buffer.baseAddress, buffer.count) else { return "\(code)" }
            return String(cString: start)
        }
    }
}
