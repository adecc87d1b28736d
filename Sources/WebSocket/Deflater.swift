internal import CZlib

/// Compresses messages, each for itself (no context takeover). One a loop.
public final class Deflater {
    // zlib keeps a pointer back to its z_stream, so that has a place of its own.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    /// Events are short and compressed once for many: speed counts, not the last percent.
    private static let level: Int32 = 3
    /// Raw deflate with the full window of 32 KiB (RFC 7692 7.1.2).
    private static let windowBits: Int32 = -15
    private static let memoryLevel: Int32 = 8

    /// Allocates zlib's state, about 260 KiB.
    public init() {
        stream.initialize(to: z_stream())
        let status = deflateInit2_(
            stream, Self.level, Z_DEFLATED, Self.windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "Deflater: deflateInit2 failed with \(status)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// A message's compressed form without its last four bytes (RFC 7692 7.2.1); nil where it is not worth it.
    func deflate(_ payload: [UInt8]) -> ArraySlice<UInt8>? {
        guard payload.count >= WebSocketLimits.minDeflatedBytes else { return nil }
        deflateReset(stream)
        let bound = Int(deflateBound(stream, UInt(payload.count))) + Self.flushMarker.count
        let output = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            payload.withUnsafeBufferPointer { source in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.pointee.avail_in = UInt32(source.count)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(target.count)
                let status = CZlib.deflate(stream, Z_SYNC_FLUSH)
                precondition(status == Z_OK && stream.pointee.avail_in == 0, "Deflater: deflate answered \(status)")
                count = target.count - Int(stream.pointee.avail_out)
            }
        }
        guard output.suffix(4).elementsEqual(Self.flushMarker), output.count - 4 < payload.count else { return nil }
        return output.dropLast(4)
    }

    /// What a sync flush ends with: an empty block.
    static let flushMarker: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
}

@available(*, unavailable) extension Deflater: Sendable {}
