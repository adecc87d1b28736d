import CZlib

/// Inflates messages independently (no context takeover, RFC 7692 7.1.1). One a loop.
public final class Inflater {
    // zlib keeps the address of its stream, so it has an allocation of its own.
    private let stream: UnsafeMutablePointer<z_stream>
    /// zlib writes here; its output is counted and checked before it is kept.
    private let step: UnsafeMutableRawBufferPointer

    /// Allocates zlib's state and the step's buffer, about 60 KiB.
    public init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        step = .allocate(byteCount: WebSocketLimits.inflateStepBytes, alignment: 16)
        // Negative window bits: raw deflate. 15 bits: fits every window of a client.
        let status = inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "inflateInit2: \(status)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        step.deallocate()
    }

    /// The size of the last message, kept or not.
    var inflatedCount: Int { Int(stream.pointee.total_out) }

    /// Inflates `payload`. Fails as soon as the message exceeds `maxBytes`, so that a kilobyte which would become a
    /// gigabyte costs no more than the bound, and at the first byte that no UTF-8 text can have.
    func inflate(_ payload: [UInt8], text: Bool, maxBytes: Int) throws(WebSocketError) -> [UInt8] {
        inflateReset(stream)
        var output = InflatedMessage(isText: text, maxBytes: maxBytes)
        _ = try feed(payload, to: &output)
        // RFC 7692 7.2.2: the sender cut off the end of its last, empty block.
        let place = try feed([0x00, 0x00, 0xFF, 0xFF], to: &output)
        guard place == .betweenBlocks else { throw .invalid("compressed data is cut short") }
        return try output.finish()
    }

    private enum Place {
        case insideBlock
        case betweenBlocks
        /// After a block that is marked as the last.
        case streamEnd
    }

    /// Inflates all of `source`.
    private func feed(_ source: [UInt8], to output: inout InflatedMessage) throws(WebSocketError) -> Place {
        try source.withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) throws(WebSocketError) -> Place in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
            stream.pointee.avail_in = UInt32(bytes.count)
            while true {
                let (place, isFull) = try advance(&output)
                if stream.pointee.avail_in == 0 && (place == .betweenBlocks || !isFull) { return place }
                // RFC 7692 7.2.3.4: a sender may mark a block as the last, and a message may have several of these.
                if place == .streamEnd { inflateReset(stream) }
            }
        }
    }

    /// Why zlib cannot continue: invalid data, or this end, where zlib has no memory or its state is broken.
    static func failure(_ status: Int32) -> WebSocketError {
        status == Z_DATA_ERROR || status == Z_NEED_DICT
            ? .invalid("compressed data is damaged") : .ours("the message cannot be inflated now")
    }

    /// One step: to the end of the input, of a block, or of the step's buffer (`isFull`: there may be more to come).
    private func advance(_ output: inout InflatedMessage) throws(WebSocketError) -> (Place, isFull: Bool) {
        stream.pointee.next_out = step.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(step.count)
        // Z_BLOCK stops after each block: the only way to learn whether a message ends between two.
        let status = CZlib.inflate(stream, Z_BLOCK)
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
            throw Self.failure(status)
        }
        let written = step.count - Int(stream.pointee.avail_out)
        try output.append(UnsafeRawBufferPointer(rebasing: step[..<written]))
        let isFull = stream.pointee.avail_out == 0
        if status == Z_STREAM_END { return (.streamEnd, isFull) }
        // zlib.h, inflate(): bit 7 of data_type is set right after a block's end.
        return (stream.pointee.data_type & 128 != 0 ? .betweenBlocks : .insideBlock, isFull)
    }
}

@available(*, unavailable) extension Inflater: Sendable {}

/// The inflated part of one message.
private struct InflatedMessage {
    private var bytes: [UInt8] = []
    private var utf8 = UTF8Validator()
    private let isText: Bool
    private let maxBytes: Int

    init(isText: Bool, maxBytes: Int) {
        self.isText = isText
        self.maxBytes = maxBytes
    }

    mutating func append(_ piece: UnsafeRawBufferPointer) throws(WebSocketError) {
        guard piece.count <= maxBytes - bytes.count else { throw .tooBig(maxBytes: maxBytes) }
        guard !isText || utf8.accept(piece) else { throw .invalid("text is not UTF-8") }
        bytes.append(contentsOf: piece)
    }

    consuming func finish() throws(WebSocketError) -> [UInt8] {
        guard utf8.isComplete else { throw .invalid("text ends inside a character") }
        return bytes
    }
}
