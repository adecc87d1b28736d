/// What a stream tells its owner. All calls come on the loop's thread, never from within a call to the stream.
public protocol StreamHandler: AnyObject {
    /// Bytes have come. They lie in the buffer all streams of the loop share: valid, and free to be changed, during
    /// the call only.
    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer)

    /// What ``Stream/write(_:from:)`` was given has been taken by the kernel: there is room again.
    func streamDidDrain(_ stream: Stream)

    /// The peer will send no more, but may still read. Closes the stream, unless implemented otherwise: whoever owes
    /// the peer an answer may send it and close then. Not called again.
    func streamDidReachEnd(_ stream: Stream)

    /// The stream is closed. Exactly once for every stream, also after ``Stream/close()``; nothing is called after it,
    /// and the stream lets go of the handler.
    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd)
}

extension StreamHandler {
    /// Closes the stream; the reason is ``StreamEnd/endOfStream``.
    public func streamDidReachEnd(_ stream: Stream) {
        stream.end(.endOfStream)
    }

    /// Nothing, for those that never use ``Stream/write(_:from:)``.
    public func streamDidDrain(_ stream: Stream) {}
}

/// Why a stream has ended.
public enum StreamEnd: Hashable, Sendable {
    /// We closed or reset it, or the loop was stopped.
    case closed
    /// The peer had sent all it had to send.
    case endOfStream
    /// Reading or writing failed: `ECONNRESET`, `EPIPE`, `ETIMEDOUT`, …
    case failed(SystemError)
}
