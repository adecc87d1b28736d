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
        send(Array(commands.map(\.encoded).joined()), replyLines: commands.count * replyLines)
    }

    /// Sends encoded commands as one pipeline and waits for so many lines of replies.
    func send(_ commands: [UInt8], replyLines: Int) {
        LoopbackSocket.writeAll(descriptor, commands)
        var lines = 0
        while lines < replyLines {
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
