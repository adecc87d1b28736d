internal import Glibc

/// A connection to a test's Redis that waits for every reply: the shortest way from a script to what it answers.
package final class RedisSocket {
    /// A reply.
    package enum Reply: Equatable {
        case null
        case integer(Int)
        case text(String)
        case error(String)
        indirect case array([Reply])

        /// The number of an integer, or of a text that is one.
        package var int: Int? {
            switch self {
            case .integer(let value): value
            case .text(let text): Int(text)
            default: nil
            }
        }

        /// The text.
        package var string: String? { if case .text(let text) = self { text } else { nil } }
        /// The elements; none where it is no array.
        package var list: [Reply] { if case .array(let elements) = self { elements } else { [] } }
    }

    private let descriptor: Int32
    private var received: ArraySlice<UInt8> = []

    /// Connects to `server`.
    package init(_ server: RedisServerProcess) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(server.path.utf8)) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        precondition(status == 0, "RedisSocket: cannot connect to \(server.path)")
    }

    deinit { close(descriptor) }

    /// Sends a command and waits for its reply.
    @discardableResult
    package func call(_ words: [String]) -> Reply {
        var request = Array("*\(words.count)\r\n".utf8)
        for word in words { request += Array("$\(word.utf8.count)\r\n\(word)\r\n".utf8) }
        return send(request)
    }

    /// Sends a command that is encoded already, and waits for its reply.
    package func send(_ request: [UInt8]) -> Reply {
        var offset = 0
        while offset < request.count {
            let count = request[offset...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            precondition(count > 0, "RedisSocket: the server has gone")
            offset += count
        }
        return reply()
    }

    /// Sends a command and waits for its reply.
    @discardableResult
    package func call(_ words: String...) -> Reply { call(words) }

    /// Runs a script.
    @discardableResult
    package func eval(_ script: String, keys: [String], _ arguments: [String] = []) -> Reply {
        call(["EVAL", script, "\(keys.count)"] + keys + arguments)
    }

    /// Waits for what the server sends by itself: a message of a channel.
    package func message() -> Reply { reply() }

    private func reply() -> Reply {
        let line = line()
        let rest = String(line.dropFirst())
        switch line.first {
        case ":": return .integer(Int(rest)!)
        case "+": return .text(rest)
        case "-": return .error(rest)
        case "$":
            guard let count = Int(rest), count >= 0 else { return .null }
            while received.count < count + 2 { receive() }
            defer { received = received.dropFirst(count + 2) }
            return .text(String(decoding: received.prefix(count), as: UTF8.self))
        case "*":
            guard let count = Int(rest), count >= 0 else { return .null }
            return .array((0..<count).map { _ in reply() })
        default: preconditionFailure("RedisSocket: not a reply: \(line)")
        }
    }

    private func line() -> String {
        while true {
            if let end = received.firstIndex(of: 0x0D), received.endIndex > end + 1 {
                defer { received = received[(end + 2)...] }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            receive()
        }
    }

    private func receive() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &buffer, buffer.count)
        precondition(count > 0, "RedisSocket: the server has gone")
        received = Array(received)[...] + buffer.prefix(count)
    }
}
