internal import CZlib

/// Inflates messages, each for itself (no context takeover). One a loop.
public final class Inflater {
    // zlib keeps a pointer back to its z_stream, so that has a place of its own.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    /// Allocates zlib's state, about 40 KiB.
    public init() {
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "Inflater: inflateInit2 failed with \(status)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// The message behind `payload` (RFC 7692 7.2.2). The bound is looked at after every step, so that a small message
    /// cannot become a large one first.
    func inflate(_ payload: [UInt8], maxBytes: Int) throws(WebSocketError) -> [UInt8] {
        inflateReset(stream)
        var output: [UInt8] = []
        try feed(payload, to: &output, maxBytes)
        try feed(Deflater.flushMarker, to: &output, maxBytes)
        return output
    }

    private func feed(_ input: [UInt8], to output: inout [UInt8], _ maxBytes: Int) throws(WebSocketError) {
        var isOver = false
        let status = input.withUnsafeBufferPointer { source in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            stream.pointee.avail_in = UInt32(source.count)
            var status = Z_OK
            repeat {
                status = step(&output)
                isOver = output.count > maxBytes
            } while status == Z_OK && !isOver && (stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0)
            return status
        }
        if isOver { throw .tooBig(maxBytes: maxBytes) }
        // Z_BUF_ERROR: nothing was left to do. Z_STREAM_END: the client has closed its last block (RFC 7692 7.2.3.4).
        guard status == Z_OK || status == Z_BUF_ERROR || status == Z_STREAM_END else {
            throw .invalid("the compressed message is damaged")
        }
    }

    private func step(_ output: inout [UInt8]) -> Int32 {
        var status = Z_OK
        let chunk = [UInt8](unsafeUninitializedCapacity: WebSocketLimits.inflateStepBytes) { target, count in
            stream.pointee.next_out = target.baseAddress
            stream.pointee.avail_out = UInt32(target.count)
            status = CZlib.inflate(stream, Z_SYNC_FLUSH)
            count = target.count - Int(stream.pointee.avail_out)
        }
        output += chunk
        return status
    }
}

@available(*, unavailable) extension Inflater: Sendable {}
