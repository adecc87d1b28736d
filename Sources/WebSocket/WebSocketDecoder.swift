import HTTP

/// This end of the connection. Clients mask their frames, servers do not (RFC 6455 5.1).
public enum WebSocketRole: Sendable {
    /// This end accepted the handshake.
    case server
    /// This end started the handshake.
    case client
}

/// Reads the frames of one connection, in any pieces (RFC 6455 5). Between messages it allocates no memory.
public struct WebSocketDecoder: Sendable {
    /// What arrived.
    public enum Event: Sendable, Equatable {
        /// A whole message, assembled from its frames, inflated, and valid UTF-8 if it is text.
        case message(text: Bool, [UInt8])
        /// A ping; a pong with the same bytes answers it.
        case ping([UInt8])
        /// A pong, asked for or not.
        case pong([UInt8])
        /// The peer's close frame; everything after it is ignored. Nil where it has no code.
        case close(CloseCode?, reason: String)
    }

    // As few bytes as they need: every connection has a decoder.
    private let maxMessageBytes: UInt32
    private let maxInflatedBytes: UInt32
    private var received = ReceiveBuffer()
    private var message = MessageAssembly()
    /// The bytes of the current data frame's payload that are still to come.
    private var payloadLeft = 0
    private var mask: Mask?
    private let role: WebSocketRole
    private let allowsDeflate: Bool
    private var isInsideFrame = false
    private var isLastFrame = false
    private var hasEnded = false
    private var seeksOnlyClose = false

    /// A decoder for the bytes after the handshake; `deflate` says whether permessage-deflate was agreed.
    public init(role: WebSocketRole, limits: WebSocketLimits = WebSocketLimits(), deflate: Bool) {
        self.role = role
        maxMessageBytes = UInt32(clamping: limits.maxMessageBytes)
        maxInflatedBytes = UInt32(clamping: limits.maxInflatedBytes)
        allowsDeflate = deflate
    }

    /// Whether any received byte is kept: false on an idle connection.
    var holdsMemory: Bool { received.holdsMemory || message.isOpen }

    /// Takes received bytes. Call ``next(inflater:)`` afterwards until it returns nil.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if !hasEnded { received.append(bytes) }
    }

    /// From now on only the peer's close frame counts, since this end has sent its own: other frames are skipped by
    /// their headers, and their payloads neither kept nor unmasked nor inflated.
    public mutating func seekClose() {
        seeksOnlyClose = true
        message = MessageAssembly()
    }

    /// The next event, nil when more bytes are needed. After an error or a close it stays nil. `inflater` may be nil only
    /// where permessage-deflate was not agreed.
    public mutating func next(inflater: Inflater?) throws(WebSocketError) -> Event? {
        do throws(WebSocketError) {
            if seeksOnlyClose { return try nextClose() }
            while !hasEnded {
                if isInsideFrame {
                    guard try readPayload() else { return nil }
                    if isLastFrame { return try endMessage(inflater) }
                } else {
                    guard let header = try readHeader() else { return nil }
                    if header.opcode.isControl { return try readControl(header) }
                    try begin(header)
                }
            }
            return nil
        } catch {
            end()
            throw error
        }
    }

    /// The peer's close frame, nil until it arrives.
    private mutating func nextClose() throws(WebSocketError) -> Event? {
        while !hasEnded {
            let count = min(payloadLeft, received.count)
            payloadLeft -= count
            received.consume(count, keepsRoom: true)
            isInsideFrame = payloadLeft > 0
            guard !isInsideFrame, let header = try readHeader() else { break }
            if header.opcode == .close { return try readControl(header) }
            received.consume(header.count, keepsRoom: true)
            payloadLeft = Int(header.payloadCount)  // below 2^63, as the header was checked to be
        }
        if received.isEmpty { received.removeAll() }
        return nil
    }

    /// The next frame's header, not yet consumed; nil while it, or a control frame's payload, is incomplete.
    private func readHeader() throws(WebSocketError) -> FrameHeader? {
        try received.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(WebSocketError) -> FrameHeader? in
            guard let header = try FrameHeader(parsing: bytes, role: role) else { return nil }
            let isWhole = !header.opcode.isControl || UInt64(bytes.count - header.count) >= header.payloadCount
            return isWhole ? header : nil
        }
    }

    /// Starts a text, binary or continuation frame.
    private mutating func begin(_ header: FrameHeader) throws(WebSocketError) {
        if header.opcode == .continuation {
            // RFC 6455 5.4: a continuation needs a message; RFC 7692 6.1: only a first frame says whether it is
            // compressed.
            guard message.isOpen else { throw .broken("continuation of nothing") }
            guard !header.isCompressed else { throw .broken("reserved bit set") }
        } else {
            guard !message.isOpen else { throw .broken("new message inside a fragmented one") }
            guard allowsDeflate || !header.isCompressed else { throw .broken("reserved bit set") }
            message.open(text: header.opcode == .text, compressed: header.isCompressed)
        }
        // Refused by its length, before a byte of it is kept.
        guard header.payloadCount <= UInt64(Int(maxMessageBytes) - message.bytes.count) else {
            throw .tooBig(maxBytes: Int(maxMessageBytes))
        }
        received.consume(header.count, keepsRoom: true)
        payloadLeft = Int(header.payloadCount)
        mask = header.mask.map(Mask.init)
        isLastFrame = header.isFinal
        isInsideFrame = true
    }

    /// Moves the received part of the payload into the message; true at the end of the frame.
    private mutating func readPayload() throws(WebSocketError) -> Bool {
        let count = min(payloadLeft, received.count)
        try message.append(received, count: count, mask: &mask)
        payloadLeft -= count
        isInsideFrame = payloadLeft > 0
        received.consume(count, keepsRoom: isInsideFrame)
        return !isInsideFrame
    }

    private mutating func endMessage(_ inflater: Inflater?) throws(WebSocketError) -> Event {
        let isText = message.isText
        return .message(text: isText, try message.close(inflater: inflater, maxInflatedBytes: Int(maxInflatedBytes)))
    }

    /// Handles a complete control frame.
    private mutating func readControl(_ header: FrameHeader) throws(WebSocketError) -> Event {
        received.consume(header.count, keepsRoom: true)
        var payload = received.take(Int(header.payloadCount))
        if let key = header.mask {
            var mask = Mask(key)
            payload.withUnsafeMutableBytes { mask.apply(to: $0) }
        }
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default:
            let (code, reason) = try CloseCode.parse(payload)
            end()
            return .close(code, reason: reason)
        }
    }

    /// RFC 6455 5.5.1: everything after a close frame is ignored, also after an error.
    private mutating func end() {
        hasEnded = true
        received.removeAll()
        message = MessageAssembly()
    }
}
