import CHiredis

/// Owns one `redisReader`. The object functions take its replies and return only a non-NULL pointer: both readers build
/// their results in a context of their own.
struct HiredisReader: ~Copyable {
    typealias Functions = redisReplyObjectFunctions
    typealias Task = UnsafePointer<redisReadTask>

    private let reader: UnsafeMutablePointer<redisReader>

    /// `functions` and `context` must outlive the reader.
    init(functions: UnsafeMutablePointer<Functions>, context: UnsafeMutableRawPointer) {
        guard let reader = redisReaderCreateWithFunctions(functions) else { fatalError("hiredis: out of memory") }
        fantail_reader_set_context(reader, context)
        fantail_reader_set_max_idle(reader, ReplyLimits.maxIdleReaderBytes)
        self.reader = reader
    }

    deinit { redisReaderFree(reader) }

    /// Copies `bytes` into the reader. Call ``next()`` afterwards until it returns false.
    func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure) {
        precondition(bytes.count <= ReplyLimits.maxFeedBytes, "HiredisReader: \(bytes.count) bytes in one feed")
        // hiredis itself would wait and buffer for ever: `$999999999999`.
        guard bufferedBytes + bytes.count <= ReplyLimits.maxBufferedBytes else {
            throw .nonsense("a reply longer than \(ReplyLimits.maxBufferedBytes) bytes")
        }
        let status = redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        guard status == REDIS_OK else { throw failure }
    }

    /// Reads one reply into the context; false when the reply is incomplete. Any error is final.
    func next() throws(RedisFailure) -> Bool {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw failure }
        return reply != nil
    }

    /// Bytes that wait for the rest of their reply.
    var bufferedBytes: Int { fantail_reader_buffered(reader) }

    private var failure: RedisFailure { .nonsense(String(cString: fantail_reader_error(reader))) }

    /// The result of a successful object function: hiredis only checks for NULL, which means out of memory.
    static var made: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 1) }
}
