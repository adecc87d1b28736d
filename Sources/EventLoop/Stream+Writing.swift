public import Base
internal import CLibuv

extension Stream {
    /// Writes the rest of a frame of which the kernel took only `offset` bytes; ``StreamHandler/streamDidDrain(_:)``
    /// follows when the kernel has taken it. One at a time: no bytes overtake it, ``tryWrite(_:)`` returns 0 meanwhile.
    public func write(_ bytes: SharedBytes, from offset: Int) {
        loop.assertCurrent()
        precondition(offset >= 0 && offset < bytes.count, "Stream: a write from \(offset) of \(bytes.count) bytes")
        if let security { return security.write(bytes, from: offset, on: self) }
        precondition(!hasPendingWrite, "Stream: a write while another one waits")
        queue(bytes, from: offset)
    }

    /// Makes libuv write the bytes for which the kernel has no room.
    func queue(_ bytes: SharedBytes, from offset: Int) {
        guard isOpen, let memory else { return }
        let request = WriteRequest((stream: self, bytes: bytes))
        var buffer = uv_buf_t()
        buffer.base = (bytes.baseAddress + offset).assumingMemoryBound(to: CChar.self)
        buffer.len = bytes.count - offset
        hasPendingWrite = true
        let code = uv_write(request.retainedPointer(), memory.stream, &buffer, 1) { pointer, code in
            WriteRequest.taken(from: pointer!).context.stream.didWrite(code)
        }
        guard code != 0 else { return }
        request.abandon()
        didWrite(code)
    }

    /// Ends our side once all bytes are written; the peer may go on sending. For a close without loss: closing with
    /// unread bytes of the peer makes the kernel send a reset, which overtakes the answer.
    public func finishWriting() {
        loop.assertCurrent()
        security?.sayGoodbye(on: self)
        guard isOpen, let memory else { return }
        let request = LoopRequest<uv_shutdown_t, Stream>(self)
        let code = uv_shutdown(request.retainedPointer(), memory.stream) { pointer, _ in
            // The next read or write reports this error, too.
            _ = LoopRequest<uv_shutdown_t, Stream>.taken(from: pointer!)
        }
        if code != 0 { request.abandon() }
    }

    private typealias WriteRequest = LoopRequest<uv_write_t, (stream: Stream, bytes: SharedBytes)>

    private func didWrite(_ code: Int32) {
        hasPendingWrite = false
        guard isOpen else { return }
        if code == 0, let security { return security.didWrite(on: self) }
        if code == 0 { handler?.streamDidDrain(self) } else { end(.failed(SystemError(.write, code: code))) }
    }

    /// The system call, without libuv, whose queue is empty while ``isWriting`` is false. `buffers` are `iovec`s.
    func send(_ buffers: UnsafeRawPointer, count: Int) -> Int {
        hasPendingWrite ? 0 : fantail_send(descriptor, buffers, count)
    }
}
