public import Dialects

/// Where a loop stands in one channel's sequence: subscribe, read, then live, without a gap or a duplicate.
///
/// A value that says what to do. Messages are handed in as they come; while the channel is being read they wait here, in
/// order, and come out again when the read is answered.
public struct ChannelSync {
    /// A message as it came from Redis, waiting for a read to be answered.
    public struct Waiting: Sendable {
        /// Its place, nil for a plain event.
        public let position: Position?
        /// The payload, envelope included.
        public let payload: [UInt8]
        /// Whether it had come before the read was sent. What it claims to be must then be in the answer: it was written
        /// before it was published.
        public internal(set) var precedesRead: Bool
    }

    /// What to do with a message.
    public enum Verdict: Equatable, Sendable {
        /// Next in order, or plain: deliver it now.
        case deliver
        /// Already known, or false: forget it.
        case drop
        /// Kept here until a read is answered.
        case wait
        /// Something is missing before it. It is kept here; read what came since the position.
        case read
    }

    enum Phase: Equatable, Sendable {
        case subscribing  // SUBSCRIBE sent, or the connection is down
        case reading
        case live
    }

    /// Messages kept while reading, in bytes. More means that the read itself is stuck, and another one is needed anyway.
    static let maxWaitingBytes = 1024 * 1024

    private(set) var phase = Phase.subscribing
    private var waiting: [Waiting] = []
    private var waitingBytes = 0
    private var overflowed = false

    /// The last position that has been delivered; nil before the first.
    public private(set) var position: Position?

    /// A channel that has not been subscribed yet.
    public init() {}

    /// Whether viewers can be served from what the loop knows.
    public var isLive: Bool { phase == .live }

    /// Whether a read has to be answered before anything is delivered.
    public var isReading: Bool { phase == .reading }

    /// The subscription is confirmed: read what came since ``position`` now.
    public mutating func didSubscribe() { beginReading() }

    /// The pub/sub connection is gone. What waits is older than the read that will follow the next confirmation.
    public mutating func didDisconnect() {
        phase = .subscribing
        forgetWaiting()
    }

    /// The read failed: it must be sent again. What came meanwhile keeps waiting.
    public mutating func willReadAgain() {
        guard phase == .reading else { return }
        beginReading()
    }

    /// Redis has been found to know more: what comes from now on waits for a read.
    public mutating func willCheck() {
        if phase == .live { beginReading() }
    }

    /// A message has come.
    public mutating func receive(_ position: Position?, payload: UnsafeRawBufferPointer) -> Verdict {
        guard phase == .live else {
            keep(position, payload)
            return .wait
        }
        let verdict = judge(position)
        switch verdict {
        case .deliver: advance(to: position)
        case .read:
            keep(position, payload)
            beginReading()
        case .drop, .wait: break
        }
        return verdict
    }

    /// The read is answered: the channel stands at `top` (nil: never published). Deliver what the answer holds, then hand
    /// every message that is returned to ``admit(_:)``, in order.
    public mutating func didRead(top: Position?) -> [Waiting] {
        guard phase == .reading else { return [] }
        phase = .live
        position = top
        let messages = waiting
        let missed = overflowed
        forgetWaiting()
        if missed { beginReading() }
        return messages
    }

    /// As ``receive(_:payload:)``, for a message that had to wait.
    public mutating func admit(_ message: Waiting) -> Verdict {
        guard phase == .live else {
            waiting.append(Waiting(position: message.position, payload: message.payload, precedesRead: false))
            waitingBytes += message.payload.count
            return .wait
        }
        let verdict = judge(message.position)
        switch verdict {
        case .deliver: advance(to: message.position)
        case .read:
            // Redis has answered and does not know it: a forged envelope.
            if message.precedesRead { return .drop }
            waiting.append(message)
            waitingBytes += message.payload.count
            beginReading()
        case .drop, .wait: break
        }
        return verdict
    }

    private func judge(_ next: Position?) -> Verdict {
        guard let next else { return .deliver }
        guard let position else { return next.sequence == 1 ? .deliver : .read }
        guard next.epoch == position.epoch else { return .read }
        if next.sequence <= position.sequence { return .drop }
        return next.sequence == position.sequence + 1 ? .deliver : .read
    }

    private mutating func advance(to next: Position?) {
        if let next { position = next }
    }

    private mutating func beginReading() {
        phase = .reading
        for index in waiting.indices { waiting[index].precedesRead = true }
    }

    private mutating func keep(_ position: Position?, _ payload: UnsafeRawBufferPointer) {
        guard waitingBytes + payload.count <= Self.maxWaitingBytes else {
            overflowed = true
            return
        }
        waiting.append(Waiting(position: position, payload: Array(payload), precedesRead: false))
        waitingBytes += payload.count
    }

    private mutating func forgetWaiting() {
        waiting = []
        waitingBytes = 0
        overflowed = false
    }
}
