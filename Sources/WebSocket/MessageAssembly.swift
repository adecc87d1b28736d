import HTTP

/// A message in progress: the payload of its frames so far, and the checks while it grows.
struct MessageAssembly: Sendable {
    private(set) var bytes: [UInt8] = []
    private var utf8 = UTF8Validator()
    private(set) var isText = false
    private(set) var isCompressed = false
    /// False between messages.
    private(set) var isOpen = false

    /// Starts a message with its first frame.
    mutating func open(text: Bool, compressed: Bool) {
        isText = text
        isCompressed = compressed
        isOpen = true
    }

    /// Adds the first `count` of the received bytes, unmasked. Text fails as soon as it cannot become UTF-8, long
    /// before the message ends (RFC 6455 8.1); compressed text is checked when it is inflated.
    mutating func append(_ received: ReceiveBuffer, count: Int, mask: inout Mask?) throws(WebSocketError) {
        let start = bytes.count
        received.withUnsafeBytes { bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        let isPlainText = isText && !isCompressed
        let isValid = bytes.withUnsafeMutableBytes { all in
            let added = UnsafeMutableRawBufferPointer(rebasing: all[start...])
            mask?.apply(to: added)
            return !isPlainText || utf8.accept(UnsafeRawBufferPointer(added))
        }
        guard isValid else { throw .invalid("text is not UTF-8") }
    }

    /// Ends the message, returns its payload, inflated, and frees its memory.
    mutating func close(inflater: Inflater?, maxInflatedBytes: Int) throws(WebSocketError) -> [UInt8] {
        defer { self = MessageAssembly() }
        guard isCompressed else {
            guard utf8.isComplete else { throw .invalid("text ends inside a character") }
            return bytes
        }
        guard let inflater else { preconditionFailure("permessage-deflate was agreed, but there is no inflater") }
        return try inflater.inflate(bytes, text: isText, maxBytes: maxInflatedBytes)
    }
}
