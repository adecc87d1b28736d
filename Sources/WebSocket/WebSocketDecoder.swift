/// Which end of the connection we are. Clients mask what they send, servers do not (RFC 6455 5.1).
public enum WebSocketRole: Sendable {
    /// We accepted the handshake.
    case server
    /// We asked for it.
    case client
}

/// Reads the frames of one connection, however their bytes arrive (RFC 6455 5). Between messages it holds no memory
/// beside itself.
public struct WebSocketDecoder: Sendable {
    /// What arrived.
    public enum Event: Sendable, Equatable {
        /// A whole message, put together from its frames, inflated, and valid UTF-8 if it is text.
        case message(text: Bool, [UInt8])
        /// A ping; a pong with the same bytes answers it.
        case ping([UInt8])
        /// A pong, asked for or not.
        case pong([UInt8])
        /// The peer's close, after which nothing it sends counts. Nil where it gave no code.
        case close(CloseCode?, reason: String)
    }

    /// A message whose last frame has not come.
    private struct Assembly: Sendable {
        let isText: Bool
        let isCompressed: Bool
        var payload: [UInt8] = []
        var validator = UTF8Validator()
    }

    private let role: WebSocketRole
    private let limits: WebSocketLimits
    private let deflate: Bool
    private var input: [UInt8] = []
    private var position = 0
    private var frame: FrameHeader?
    private var frameOffset = 0
    private var assembly: Assembly?
    private var isFinished = false

    /// A decoder for the bytes after the handshake; `deflate` says whether permessage-deflate was agreed.
    public init(role: WebSocketRole, limits: WebSocketLimits = WebSocketLimits(), deflate: Bool) {
        self.role = role
        self.limits = limits
        self.deflate = deflate
    }

    /// Takes what was received. To be followed by ``next(inflater:)`` until that gives nil.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard !isFinished else { return }
        input.append(contentsOf: bytes)
    }

    /// The next event, nil when more bytes are needed. After an error or a close it stays nil. `inflater` may be nil only
    /// where permessage-deflate was not agreed.
    public mutating func next(inflater: Inflater?) throws(WebSocketError) -> Event? {
        do throws(WebSocketError) {
            while !isFinished {
                if frame == nil, try !beginFrame() { break }
                guard let frame else { break }
                let event = try frame.opcode.isControl ? readControl(frame) : readData(frame, inflater)
                if let event { return event }
                if self.frame != nil { break }
            }
            forgetConsumed()
            return nil
        } catch {
            finish()
            throw error
        }
    }

    // MARK: Frames

    /// Reads a frame's header; false when more bytes are needed.
    private mutating func beginFrame() throws(WebSocketError) -> Bool {
        guard let (header, size) = try FrameHeader.read(input[position...]) else { return false }
        try check(header)
        position += size
        frame = header
        frameOffset = 0
        return true
    }

    private func check(_ header: FrameHeader) throws(WebSocketError) {
        guard (header.mask != nil) == (role == .server) else {
            throw .broken(role == .server ? "a client's frames are masked" : "a server's frames are not masked")
        }
        if header.opcode.isControl {
            guard header.isFinal, header.length <= WebSocketLimits.maxControlBytes else {
                throw .broken("a control frame is whole and at most 125 bytes")
            }
        }
        let begins = header.opcode == .text || header.opcode == .binary
        guard !header.isCompressed || deflate && begins else { throw .broken("reserved bits are set") }
        if begins, assembly != nil { throw .broken("a new message before the last one ended") }
        if header.opcode == .continuation, assembly == nil { throw .broken("nothing to continue") }
        guard header.opcode.isControl || header.length <= limits.maxMessageBytes - (assembly?.payload.count ?? 0) else {
            throw .tooBig(maxBytes: limits.maxMessageBytes)
        }
    }

    // MARK: Messages

    /// Takes what is there of a data frame; the message when this was its last byte.
    private mutating func readData(_ frame: FrameHeader, _ inflater: Inflater?) throws(WebSocketError) -> Event? {
        if assembly == nil { assembly = Assembly(isText: frame.opcode == .text, isCompressed: frame.isCompressed) }
        let count = min(frame.length - frameOffset, input.count - position)
        if count > 0, !take(count, of: frame) { throw .invalid("text is not UTF-8") }
        guard frameOffset == frame.length else { return nil }
        self.frame = nil
        guard frame.isFinal, let message = assembly else { return nil }
        assembly = nil
        return try whole(message, inflater)
    }

    /// Moves `count` bytes into the message, unmasked; false when they cannot be text.
    private mutating func take(_ count: Int, of frame: FrameHeader) -> Bool {
        let start = assembly!.payload.count
        assembly!.payload.append(contentsOf: input[position..<position + count])
        let offset = frameOffset
        position += count
        frameOffset += count
        let checksText = assembly!.isText && !assembly!.isCompressed
        var validator = assembly!.validator
        defer { assembly!.validator = validator }
        return assembly!.payload.withUnsafeMutableBytes { payload in
            let fresh = UnsafeMutableRawBufferPointer(rebasing: payload[start...])
            if let mask = frame.mask { Masking.apply(mask, to: fresh, offset: offset) }
            return !checksText || validator.accept(UnsafeRawBufferPointer(fresh))
        }
    }

    private func whole(_ message: Assembly, _ inflater: Inflater?) throws(WebSocketError) -> Event {
        guard message.isCompressed else {
            guard message.validator.isComplete else { throw .invalid("text is not UTF-8") }
            return .message(text: message.isText, message.payload)
        }
        guard let inflater else {
            preconditionFailure("WebSocketDecoder: deflate was agreed, but there is no inflater")
        }
        let payload = try inflater.inflate(message.payload, maxBytes: limits.maxInflatedBytes)
        if message.isText {
            var validator = UTF8Validator()
            guard payload.withUnsafeBytes({ validator.accept($0) }), validator.isComplete else {
                throw .invalid("text is not UTF-8")
            }
        }
        return .message(text: message.isText, payload)
    }

    // MARK: Control frames

    private mutating func readControl(_ frame: FrameHeader) throws(WebSocketError) -> Event? {
        guard input.count - position >= frame.length else { return nil }
        var payload = Array(input[position..<position + frame.length])
        position += frame.length
        self.frame = nil
        if let mask = frame.mask { payload.withUnsafeMutableBytes { Masking.apply(mask, to: $0, offset: 0) } }
        switch frame.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default:
            let event = try Self.close(payload)
            finish()
            return event
        }
    }

    /// A close frame's code and reason (RFC 6455 5.5.1, 7.4).
    private static func close(_ payload: [UInt8]) throws(WebSocketError) -> Event {
        if payload.isEmpty { return .close(nil, reason: "") }
        guard payload.count >= 2 else { throw .broken("a close code has two bytes") }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isValidOnTheWire else { throw .broken("close code \(code.rawValue) may not be sent") }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else {
            throw .invalid("the close reason is not UTF-8")
        }
        return .close(code, reason: reason)
    }

    // MARK: Memory

    private mutating func finish() {
        isFinished = true
        input = []
        position = 0
        assembly = nil
        frame = nil
    }

    /// Lets go of what has been read: all of it in the usual case, so that an idle connection keeps no buffer.
    private mutating func forgetConsumed() {
        if position == input.count {
            input = []
        } else if position > 0 {
            input.removeSubrange(..<position)
        }
        position = 0
    }
}
