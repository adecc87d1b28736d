import CZlib

/// Compresses messages independently (no context takeover, RFC 7692 7.1.1). One a loop.
public final class Deflater {
    /// The largest window, RFC 7692's default: 32 KiB.
    public static let widestWindowBits = Int(MAX_WBITS)
    /// The smallest window that zlib supports in raw deflate (its `deflateInit2` refuses 8): 512 bytes.
    public static let narrowestWindowBits = 9

    // zlib keeps the address of its stream, so it has an allocation of its own.
    private let stream: UnsafeMutablePointer<z_stream>
    private var scratch: [UInt8] = []
    private let level: Int32

    /// The same with the narrowest window, made on first use: every window can read its output.
    public private(set) lazy var narrow = Deflater(level: level, windowBits: Self.narrowestWindowBits)

    /// Allocates zlib's state, about 260 KiB. `level` is zlib's, 1 to 9; references reach back no further than a window
    /// of `windowBits` bits.
    public init(level: Int32 = 6, windowBits: Int = Deflater.widestWindowBits) {
        precondition(
            (Self.narrowestWindowBits...Self.widestWindowBits).contains(windowBits),
            "Deflater: window of \(windowBits) bits")
        self.level = level
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Negative window bits: raw deflate, without zlib's header and checksum.
        let status = deflateInit2_(
            stream, level, Z_DEFLATED, Int32(-windowBits), 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "deflateInit2: \(status)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Calls `body` with the compressed message, valid during the call; nil where that is not shorter than the message.
    func deflate<Result>(_ message: [UInt8], _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        precondition(message.count < Int(UInt32.max), "Deflater: message of \(message.count) bytes")
        if scratch.count < message.count { scratch = [UInt8](repeating: 0, count: message.count) }
        defer { if scratch.count > WebSocketLimits.maxRetainedScratchBytes { scratch = [] } }
        return scratch.withUnsafeMutableBytes { target in
            let room = UnsafeMutableRawBufferPointer(rebasing: target.prefix(message.count))
            guard let count = deflate(message, into: room) else { return nil }
            return body(UnsafeRawBufferPointer(rebasing: room.prefix(count)))
        }
    }

    /// The number of bytes, nil when they did not fit.
    private func deflate(_ message: [UInt8], into target: UnsafeMutableRawBufferPointer) -> Int? {
        message.withUnsafeBytes { source in
            deflateReset(stream)
            // zlib does not write to its input; only its header lacks the const.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(source.count)
            stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(target.count)
            // A sync flush ends with an empty stored block, 00 00 ff ff, which is not sent (RFC 7692 7.2.1). Without room
            // left after it, it may be incomplete.
            guard CZlib.deflate(stream, Z_SYNC_FLUSH) == Z_OK, stream.pointee.avail_out > 0 else { return nil }
            return target.count - Int(stream.pointee.avail_out) - 4
        }
    }
}

@available(*, unavailable) extension Deflater: Sendable {}
