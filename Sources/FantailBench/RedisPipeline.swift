import Glibc
import RESP

/// A connection to Redis for commands whose replies only count.
final class RedisPipeline {
    /// Lines of the Function's reply: `*3`, `$n`, the epoch, `:sequence`, `:receivers`.
    static let functionReplyLines = 5

    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 65536)

    init(port: UInt16) { descriptor = LoopbackSocket.connect(port: port) }

    /// Sends commands as one pipeline and waits for the replies, each of so many lines. An error ends the benchmark.
    func send(_ commands: [RedisCommand], replyLines: Int = 1) {
        LoopbackSocket.writeAll(descriptor, Array(commands.map(\.encoded).joined()))
        var lines = 0
        while lines < commands.count * replyLines {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { FantailBench.fail("Redis has closed the connection") }
            if buffer[0] == UInt8(ascii: "-") {
                FantailBench.fail("Redis has refused: \(String(decoding: buffer.prefix(count), as: UTF8.self))")
            }
            lines += buffer.prefix(count).count { $0 == 0x0A }
        }
    }

    /// Whether Redis answers a command by something else than an error.
    func accepts(_ command: RedisCommand) -> Bool {
        LoopbackSocket.writeAll(descriptor, command.encoded)
        return LoopbackSocket.read(descriptor).first != UInt8(ascii: "-")
    }

    func stop() { close(descriptor) }
}
