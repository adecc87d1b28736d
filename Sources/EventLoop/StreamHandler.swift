/// The events of a stream. All calls come on the loop's thread, never from within a call to the stream.
public protocol StreamHandler: AnyObject {
    /// Bytes have come. They lie in the buffer that all streams of the loop share: the handler may read and change them
    /// during the call only.
    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer)

    /// The kernel has taken all bytes of ``Stream/write(_:from:)``: the stream has room again.
    func streamDidDrain(_ stream: Stream)

    /// The peer will send no more, but may still read. By default this closes the stream; a handler that owes the peer
    /// an answer may send it and close then. Not called again.
    func streamDidReachEnd(_ stream: Stream)

    /// The stream is closed. Called exactly once for every stream, even after ``Stream/close()``; it is the last call,
    /// and the stream then drops the handler.
    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd)
}

extension StreamHandler {
    /// Closes the stream; the reason is ``StreamEnd/endOfStream``.
    public func streamDidReachEnd(_ stream: Stream) {
        stream.end(.endOfStream)
    }

    /// No effect, for handlers that never use ``Stream/write(_:from:)``.
    public func streamDidDrain(_ stream: Stream) {}
}

/// Why a stream ended.
public enum StreamEnd: Hashable, Sendable {
    /// The owner closed or reset the stream, or the loop stopped.
    case closed
    /// The peer ended its side.
    case endOfStream
    /// Reading or writing failed: `ECONNRESET`, `EPIPE`, `ETIMEDOUT`, …
    case failed(SystemError)
}
