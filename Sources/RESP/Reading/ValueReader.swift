import CHiredis

/// Reads replies as ``RedisValue`` trees: for the command connection and every handshake.
package final class ValueReader {
    private let builder: UnsafeMutablePointer<ValueBuilder>
    private let reader: HiredisReader

    package init() {
        builder = .allocate(capacity: 1)
        builder.initialize(to: ValueBuilder())
        reader = HiredisReader(functions: Self.functions, context: builder)
    }

    deinit {
        builder.deinitialize(count: 1)
        builder.deallocate()
    }

    /// Takes at most ``ReplyLimits/maxFeedBytes``; then ask ``next()`` until it is `nil`.
    package func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure) { try reader.feed(bytes) }

    /// The next complete reply.
    package func next() throws(RedisFailure) -> RedisValue? {
        do {
            guard try reader.next() else { return nil }
        } catch {
            throw builder.pointee.refusal.map { .nonsense($0) } ?? error
        }
        return builder.pointee.take()
    }

    /// Whether bytes of an incomplete reply, or of further replies, are waiting.
    package var isEmpty: Bool { reader.bufferedBytes == 0 && builder.pointee.isEmpty }

    /// One table for all readers, never freed and never changed after this.
    private nonisolated(unsafe) static let functions: UnsafeMutablePointer<HiredisReader.Functions> = {
        let functions = UnsafeMutablePointer<HiredisReader.Functions>.allocate(capacity: 1)
        functions.initialize(to: HiredisReader.Functions())
        functions.pointee.createString = { task, text, count in
            builder(of: task).pointee.add(
                string: UnsafeRawBufferPointer(start: text, count: count), type: task!.pointee.type)
        }
        functions.pointee.createArray = { task, count in builder(of: task).pointee.begin(count: Int(count)) }
        functions.pointee.createInteger = { task, number in builder(of: task).pointee.add(.integer(number)) }
        functions.pointee.createNil = { task in builder(of: task).pointee.add(.null) }
        functions.pointee.freeObject = { _ in }
        return functions
    }()

    private static func builder(of task: HiredisReader.Task?) -> UnsafeMutablePointer<ValueBuilder> {
        task!.pointee.privdata.assumingMemoryBound(to: ValueBuilder.self)
    }
}

/// Builds a tree from hiredis's calls, which come depth first: an array's header, then its elements.
package struct ValueBuilder {
    private struct OpenArray {
        var elements: [RedisValue]
        let count: Int
    }

    private var open: [OpenArray] = []
    private var complete: RedisValue?
    private var elementCount = 0
    private var byteCount = 0
    /// Why a function returned NULL.
    private(set) var refusal: String?

    package var isEmpty: Bool { open.isEmpty && complete == nil }

    package mutating func take() -> RedisValue? {
        defer { complete = nil }
        (elementCount, byteCount) = (0, 0)
        return complete
    }

    package mutating func begin(count: Int) -> UnsafeMutableRawPointer? {
        elementCount += count
        guard elementCount <= ReplyLimits.maxReplyElements else {
            refusal = "a reply of more than \(ReplyLimits.maxReplyElements) elements"
            return nil
        }
        if count == 0 { return add(.array([])) }
        var elements: [RedisValue] = []
        // Room for the announced elements, but no more than a small reply may claim.
        elements.reserveCapacity(min(count, 1_024))
        open.append(OpenArray(elements: elements, count: count))
        return HiredisReader.made
    }

    package mutating func add(string bytes: UnsafeRawBufferPointer, type: CInt) -> UnsafeMutableRawPointer? {
        byteCount += bytes.count
        guard byteCount <= ReplyLimits.maxReplyBytes else {
            refusal = "a reply of more than \(ReplyLimits.maxReplyBytes) bytes"
            return nil
        }
        // Copied now: hiredis moves its buffer before it hands out the reply.
        switch type {
        case REDIS_REPLY_STATUS: return add(.status(String(decoding: bytes, as: UTF8.self)))
        case REDIS_REPLY_ERROR: return add(.error(RedisReplyError(line: String(decoding: bytes, as: UTF8.self))))
        default: return add(.bulk(Array(bytes)))
        }
    }

    package mutating func add(_ value: RedisValue) -> UnsafeMutableRawPointer? {
        var value = value
        while !open.isEmpty {
            open[open.count - 1].elements.append(value)
            guard open[open.count - 1].elements.count == open[open.count - 1].count else { return HiredisReader.made }
            value = .array(open.removeLast().elements)
        }
        complete = value
        return HiredisReader.made
    }
}
