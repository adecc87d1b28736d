import Glibc

/// The kernel's list of TCP sockets, `/proc/net/tcp` (proc(5)).
enum TCPTable {
    /// The states of sockets that are connected, and that listen.
    private enum State: String {
        case established = "01"
        case listening = "0A"
    }

    /// Bytes that wait in the kernel on the connections of a server.
    struct Waiting {
        /// On its own side: not yet taken by the other side's kernel.
        var unsent = 0
        /// On its clients' side: not yet read by them.
        var unread = 0
    }

    static func isListening(_ port: UInt16) -> Bool {
        rows.contains { hasPort($0[1], port) && $0[3] == State.listening.rawValue }
    }

    /// What waits on the connections of the server at a port of this machine.
    static func waiting(at port: UInt16) -> Waiting {
        rows.reduce(into: Waiting()) { waiting, row in
            guard row[3] == State.established.rawValue else { return }
            let queues = row[4].split(separator: ":").map { Int($0, radix: 16) ?? 0 }
            if hasPort(row[1], port) { waiting.unsent += queues[0] }
            if hasPort(row[2], port) { waiting.unread += queues[1] }
        }
    }

    private static func hasPort(_ address: Substring, _ port: UInt16) -> Bool {
        address.split(separator: ":").last.flatMap { UInt16($0, radix: 16) } == port
    }

    /// The fields of every socket: number, local address, remote address, state, `unsent:unread`, and more.
    private static var rows: [[Substring]] {
        ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { path in
            table(path).split(separator: "\n").dropFirst().map { $0.split(separator: " ") }.filter { $0.count > 4 }
        }
    }

    private static func table(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { text += buffer.prefix(count) }
        return String(decoding: text, as: UTF8.self)
    }
}
