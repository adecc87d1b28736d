import Base
import EventLoop

/// Writes to a stream, one piece after the other.
final class BenchWriter {
    private let stream: Stream
    private var waiting = Queue<SharedBytes>()

    init(_ stream: Stream) { self.stream = stream }

    func write(_ bytes: SharedBytes) {
        if stream.isWriting { waiting.append(bytes) } else { stream.write(bytes, from: 0) }
    }

    /// The stream has written all pieces.
    func drained() {
        guard let bytes = waiting.popFirst() else { return }
        stream.write(bytes, from: 0)
    }
}
