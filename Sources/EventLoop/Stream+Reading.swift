internal import CLibuv

extension Stream {
    /// Starts to read: the handler gets at most `maxBytes` at a time (up to 64 KiB).
    public func startReading(maxBytes: Int = 64 * 1024) {
        loop.assertCurrent()
        precondition(maxBytes > 0, "Stream: reading \(maxBytes) bytes at a time")
        maxReadBytes = UInt32(min(maxBytes, EventLoopLimits.receiveBufferBytes))
        guard isOpen, !hasReachedEnd, let memory else { return }
        let code = uv_read_start(
            memory.stream,
            { handle, _, buffer in Stream.of(handle!.pointee.data).offerBuffer(buffer!) },
            { handle, count, buffer in Stream.of(handle!.pointee.data).didRead(count, buffer!.pointee.base) })
        // UV_EALREADY: only the size changes.
        if code != 0, code != UV_EALREADY.rawValue { end(.failed(SystemError(.read, code: code))) }
    }

    /// Stops reading: bytes stay in the kernel, whose window then holds back the peer.
    public func stopReading() {
        loop.assertCurrent()
        guard isOpen, let memory else { return }
        uv_read_stop(memory.stream)
    }

    private static func of(_ data: UnsafeMutableRawPointer) -> Stream {
        Unmanaged<Stream>.fromOpaque(data).takeUnretainedValue()
    }

    private func offerBuffer(_ buffer: UnsafeMutablePointer<uv_buf_t>) {
        buffer.pointee.base = loop.receiveBuffer.baseAddress!.assumingMemoryBound(to: CChar.self)
        buffer.pointee.len = Int(maxReadBytes)
    }

    private func didRead(_ count: Int, _ base: UnsafeMutablePointer<CChar>?) {
        if count > 0 {
            let bytes = UnsafeMutableRawBufferPointer(start: base, count: count)
            if let security { return security.receive(bytes, on: self) }
            handler?.streamDidRead(self, bytes)
        } else if count == Int(UV_EOF.rawValue) {
            didReachEnd()
        } else if count < 0 {
            end(.failed(SystemError(.read, code: Int32(count))))
        }
    }

    func didReachEnd() {
        guard !hasReachedEnd else { return }
        hasReachedEnd = true
        if let security, security.didReachEnd(on: self) { return }
        if let handler { handler.streamDidReachEnd(self) } else { end(.endOfStream) }
    }
}
