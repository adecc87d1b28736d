import CHiredis

/// The state of the current push. Lives outside Swift's heap objects, so the object functions only write memory.
struct PushState {
    private(set) var channel = ReusedBytes()
    private(set) var payload = ReusedBytes()
    /// Why a function returned NULL.
    private(set) var refusal: String?

    private var kind: Push?
    private var elementCount = 0
    private var hasChannel = false
    private var hasPayload = false

    /// The complete push; `nil` when its shape does not fit its element 0.
    var push: Push? {
        switch kind {
        case .message: elementCount == 3 && hasChannel && hasPayload ? .message : nil
        case .subscribed, .unsubscribed, .ended: elementCount == 3 && hasChannel ? kind : nil
        default: kind
        }
    }

    mutating func array(_ task: HiredisReader.Task, _ count: Int) -> UnsafeMutableRawPointer? {
        guard count <= ReplyLimits.maxPushElements else {
            refusal = "a push of \(count) elements"
            return nil
        }
        guard task.pointee.parent == nil else { return HiredisReader.made }
        (kind, elementCount, hasChannel, hasPayload) = (nil, count, false, false)
        return HiredisReader.made
    }

    mutating func string(_ task: HiredisReader.Task, _ bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer? {
        guard bytes.count <= ReplyLimits.maxBulkBytes else {
            refusal = "a string of \(bytes.count) bytes"
            return nil
        }
        switch (fantail_task_depth(task), task.pointee.idx) {
        case (0, _): reply(bytes, type: task.pointee.type)
        case (1, 0): kind = Self.kind(bytes)
        // Copied now: hiredis moves its buffer before it hands out the reply, and these two may come in an earlier feed
        // than the payload.
        case (1, 1):
            channel.replace(with: bytes)
            hasChannel = true
        case (1, 2):
            payload.replace(with: bytes)
            hasPayload = true
        default: break
        }
        return HiredisReader.made
    }

    /// An integer or a nil: the count of a confirmation, or an unknown reply.
    mutating func bare(_ task: HiredisReader.Task) -> UnsafeMutableRawPointer? {
        if task.pointee.parent == nil { kind = nil }
        return HiredisReader.made
    }

    /// A reply that is not an array.
    private mutating func reply(_ bytes: UnsafeRawBufferPointer, type: CInt) {
        switch type {
        case REDIS_REPLY_ERROR:
            payload.replace(with: bytes)
            kind = .error
        case REDIS_REPLY_STATUS: kind = Self.isWord("PONG", bytes) ? .pong : Self.isWord("OK", bytes) ? .ok : nil
        default: kind = nil
        }
    }

    /// Compares the length first: one comparison for a message.
    private static func kind(_ bytes: UnsafeRawBufferPointer) -> Push {
        switch bytes.count {
        case 7 where isWord("message", bytes): .message
        case 8 where isWord("smessage", bytes): .message
        case 9 where isWord("subscribe", bytes): .subscribed
        case 10 where isWord("ssubscribe", bytes): .subscribed
        case 11 where isWord("unsubscribe", bytes): .unsubscribed
        case 12 where isWord("sunsubscribe", bytes): .ended
        case 4 where isWord("pong", bytes): .pong
        default: .other
        }
    }

    private static func isWord(_ word: StaticString, _ bytes: UnsafeRawBufferPointer) -> Bool {
        UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount).elementsEqual(bytes)
    }

    /// A large payload does not keep its memory for ever.
    mutating func releaseLargeBuffers() { payload.release(above: ReplyLimits.maxIdlePayloadBytes) }

    func deallocate() {
        channel.deallocate()
        payload.deallocate()
    }
}

/// Bytes that the next bytes overwrite; it allocates only when it grows.
struct ReusedBytes {
    private var start = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 16)
    private var capacity = 256
    private var count = 0

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    mutating func replace(with bytes: UnsafeRawBufferPointer) {
        if bytes.count > capacity {
            start.deallocate()
            capacity = max(bytes.count, capacity * 2)
            start = .allocate(byteCount: capacity, alignment: 16)
        }
        if let source = bytes.baseAddress { start.copyMemory(from: source, byteCount: bytes.count) }
        count = bytes.count
    }

    mutating func release(above limit: Int) {
        guard capacity > limit else { return }
        start.deallocate()
        self = ReusedBytes()
    }

    func deallocate() { start.deallocate() }
}
