import Base
import EventLoop

/// Writes on a stream, one piece behind the other.
final class BenchWriter {
    private let stream: Stream
    private var waiting = Queue<SharedBytes>()

    init(_ stream: Stream) { self.stream = stream }

    func write(_ bytes: SharedBytes) {
        if stream.isWriting { waiting.append(bytes) } else { stream.write(bytes, from: 0) }
    }

    /// The stream has taken all that it was given.
    func drained() {
        guard let bytes = waiting.popFirst() else { return }
        stream.write(bytes, from: 0)
    }
}
