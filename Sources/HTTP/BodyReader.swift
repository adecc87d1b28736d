/// Reads one body, with any framing. Requests and responses share it.
enum BodyReader: Sendable {
    case length(Int)
    /// So many bytes to skip.
    case unwanted(Int)
    case chunked(ChunkedBody)

    init(_ framing: BodyFraming, limits: HTTPLimits) {
        switch framing {
        case .noBody: self = .length(0)
        case .length(let count): self = .length(count)
        case .chunked: self = .chunked(ChunkedBody(limits: limits))
        }
    }

    /// The caller does not want the body: frees the part that was read, and skips the rest.
    mutating func discard(from buffer: inout ReceiveBuffer) {
        switch self {
        case .length(let count):
            self = .unwanted(count)
            skip(in: &buffer)
        case .unwanted: break
        case .chunked(var chunks):
            chunks.discard()
            self = .chunked(chunks)
        }
    }

    /// Bytes of the body that are kept, without those in the buffer.
    var keptBytes: Int {
        if case .chunked(let chunks) = self { chunks.keptBytes } else { 0 }
    }

    private mutating func skip(in buffer: inout ReceiveBuffer) {
        guard case .unwanted(let left) = self else { return }
        let count = min(left, buffer.count)
        buffer.consume(count)
        self = .unwanted(left - count)
    }

    /// The whole body, once it has arrived; an empty one for a body that was skipped.
    mutating func read(from buffer: inout ReceiveBuffer) throws(HTTPError) -> [UInt8]? {
        switch self {
        case .length(let count): return buffer.count >= count ? buffer.take(count) : nil
        case .unwanted:
            skip(in: &buffer)
            if case .unwanted(0) = self { return [] }
            return nil
        case .chunked(var chunks):
            self = .length(0)  // so that the body's bytes have one owner and are not copied when it grows
            let body = try chunks.read(from: &buffer)
            self = .chunked(chunks)
            return body
        }
    }
}
