import CHiredis

/// Reads a pub/sub connection without allocating a tree or a String: it copies channel and payload into two buffers,
/// which the next message overwrites.
///
/// RESP2 has no push type: every message is an array whose element 0 names its kind.
package final class PushReader {
    private let state: UnsafeMutablePointer<PushState>
    private let reader: HiredisReader

    package init() {
        state = .allocate(capacity: 1)
        state.initialize(to: PushState())
        reader = HiredisReader(functions: Self.functions, context: state)
    }

    deinit {
        state.pointee.deallocate()
        state.deallocate()
    }

    /// Takes at most ``ReplyLimits/maxFeedBytes``; then ask ``next()`` until it is `nil`.
    package func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure) {
        state.pointee.releaseLargeBuffers()
        try reader.feed(bytes)
    }

    /// The next complete push.
    package func next() throws(RedisFailure) -> Push? {
        do {
            guard try reader.next() else { return nil }
        } catch {
            throw state.pointee.refusal.map { .nonsense($0) } ?? error
        }
        guard let push = state.pointee.push else { throw .nonsense("not a pub/sub message") }
        return push
    }

    /// The channel of the last push; valid until the next call.
    package var channel: UnsafeRawBufferPointer { state.pointee.channel.bytes }
    /// The payload of the last message, or the text of the last error; valid until the next call.
    package var payload: UnsafeRawBufferPointer { state.pointee.payload.bytes }

    /// One table for all readers, never freed and never changed after this.
    private nonisolated(unsafe) static let functions: UnsafeMutablePointer<HiredisReader.Functions> = {
        let functions = UnsafeMutablePointer<HiredisReader.Functions>.allocate(capacity: 1)
        functions.initialize(to: HiredisReader.Functions())
        functions.pointee.createString = { task, text, count in
            state(of: task).pointee.string(task!, UnsafeRawBufferPointer(start: text, count: count))
        }
        functions.pointee.createArray = { task, count in state(of: task).pointee.array(task!, Int(count)) }
        functions.pointee.createInteger = { task, _ in state(of: task).pointee.bare(task!) }
        functions.pointee.createNil = { task in state(of: task).pointee.bare(task!) }
        functions.pointee.freeObject = { _ in }
        return functions
    }()

    private static func state(of task: HiredisReader.Task?) -> UnsafeMutablePointer<PushState> {
        task!.pointee.privdata.assumingMemoryBound(to: PushState.self)
    }
}

/// The kind of a push, by element 0.
package enum Push: Equatable {
    /// A message, on a sharded channel too: ``PushReader/channel`` and ``PushReader/payload``.
    case message
    /// The confirmation of a SUBSCRIBE or SSUBSCRIBE: ``PushReader/channel``.
    case subscribed
    /// The confirmation of an UNSUBSCRIBE: ``PushReader/channel``.
    case unsubscribed
    /// A sharded subscription has ended, asked or unasked: ``PushReader/channel``.
    case ended
    /// The answer to ASKING.
    case ok
    /// The answer to PING: `["pong", ""]`, or `+PONG` while nothing is subscribed.
    case pong
    /// An error reply; its line is in ``PushReader/payload``.
    case error
    /// Any other push (pmessage, psubscribe …), which the node never subscribes to.
    case other
}
