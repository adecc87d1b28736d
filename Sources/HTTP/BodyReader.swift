/// Reads one body, whichever way it is delimited. Shared by requests and responses.
enum BodyReader: Sendable {
    case length(Int)
    case chunked(ChunkedBody)

    init(_ framing: BodyFraming, limits: HTTPLimits) {
        switch framing {
        case .noBody: self = .length(0)
        case .length(let count): self = .length(count)
        case .chunked: self = .chunked(ChunkedBody(limits: limits))
        }
    }

    /// The whole body, once it is there.
    mutating func read(from buffer: inout ReceiveBuffer) throws(HTTPError) -> [UInt8]? {
        switch self {
        case .length(let count): return buffer.count >= count ? buffer.take(count) : nil
        case .chunked(var chunks):
            self = .length(0)  // so that the body's bytes have one owner and are not copied when it grows
            let body = try chunks.read(from: &buffer)
            self = .chunked(chunks)
            return body
        }
    }
}
