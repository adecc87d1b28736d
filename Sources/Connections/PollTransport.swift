package import Base
package import EventLoop
package import Glibc
import Hub
import SocketIO

/// The transport of a Socket.IO client that polls: what is written answers the poll that waits, all of it at once.
/// Between two polls nothing can be written, and the outbox holds, conflates and bounds it as for a slow reader.
package final class PollTransport: ClientTransport {
    weak var connection: Connection?
    package let peer: SocketAddress?
    private let loop: EventLoop
    private var answer: (([UInt8]?) -> Void)?
    /// What is written has answered the poll.
    package var didAnswer: () -> Void = {}
    /// Whether it has been closed; the connection hears of it in a turn of its own.
    package private(set) var isClosed = false
    /// Whose poll waits.
    private var asker: ObjectIdentifier?

    /// A transport without a poll yet, for the client at `peer`.
    package init(loop: EventLoop, peer: SocketAddress?) {
        self.loop = loop
        self.peer = peer
    }

    /// A poll of `asker` waits; `answer` takes the body of its answer, or nil where it gets none.
    package func wait(for asker: AnyObject, _ answer: @escaping ([UInt8]?) -> Void) {
        self.asker = ObjectIdentifier(asker)
        self.answer = answer
        connection?.transportDidDrain()
    }

    /// The poll of `asker` has gone. False where it does not wait: it has its answer, or another one waits.
    package func forgetPoll(of asker: AnyObject) -> Bool {
        guard answer != nil, self.asker == ObjectIdentifier(asker) else { return false }
        answer = nil
        return true
    }

    /// The session has ended: the poll that waits gets what the outbox has, or no answer.
    package func refusePoll() {
        if let connection, !connection.subscriber.outbox.isEmpty { connection.transportDidDrain() }
        answer.take()?(nil)
    }

    /// Answers the poll that waits with what the outbox has; with `packet` where it has nothing.
    package func answerPoll(orElse packet: [UInt8]) {
        guard let connection, !connection.subscriber.outbox.isEmpty else { answer.take()?(packet); return }
        connection.transportDidDrain()
    }

    package var isWriting: Bool { answer == nil }
    package var bytesBehind: Int { 0 }

    package func tryWrite(_ vector: UnsafeBufferPointer<iovec>) -> Int {
        guard let answer = answer.take() else { return 0 }
        didAnswer()
        let bytes = vector.reduce(0) { $0 + $1.iov_len }
        var body: [UInt8] = []
        body.reserveCapacity(bytes + vector.count)
        for packet in vector {
            if !body.isEmpty { body.append(EnginePayload.separator) }
            body += UnsafeRawBufferPointer(start: packet.iov_base, count: packet.iov_len)
        }
        // Later: the answer may bring the client's next request at once, and the outbox still has what was written.
        loop.schedule(after: 0) { answer(body) }
        return bytes
    }

    /// Never called: a poll takes whole packets.
    package func write(_ bytes: SharedBytes, from offset: Int) {}
    package func startReading(maxBytes: Int) {}
    package func stopReading() {}
    package func finishWriting() { close() }

    package func close() {
        guard !isClosed else { return }
        isClosed = true
        // Like a stream's end, it comes from no call of its connection.
        loop.schedule(after: 0) { [self] in connection?.transportDidEnd() }
    }
}
