public import Events
import Dialects

/// Where a loop stands in one channel's sequence: subscribe, read, then live, without a gap or a duplicate.
///
/// A value that says what to do. Messages are handed in as they come; while the channel is being read they wait here, in
/// order, and come out again when the read is answered. A history is read in portions: each is told before the next is read.
public struct ChannelSync {
    /// A message as it came from Redis, waiting for a read to be answered.
    public struct Waiting: Sendable, Equatable {
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

    /// Messages kept while reading, in bytes with what is put around them: no more than a viewer is told at a time. What is
    /// beyond is read from the history.
    static let maxWaitingBytes = 256 * 1024

    /// Messages that wait, and their bytes.
    private struct Backlog {
        private(set) var messages: [Waiting] = []
        private(set) var bytes = 0

        mutating func append(_ message: Waiting) {
            messages.append(message)
            bytes += message.payload.count + EventLimits.bytesAroundEvent
        }

        mutating func precedeRead() {
            for index in messages.indices { messages[index].precedesRead = true }
        }

        mutating func drop(where isTold: (Position) -> Bool) {
            let rest = messages.filter { !($0.position.map(isTold) ?? false) }
            self = Backlog()
            for message in rest { append(message) }
        }
    }

    private(set) var phase = Phase.subscribing
    private var waiting = Backlog()
    /// A message could not be kept since the last read was sent.
    private var overflowed = false

    /// The last position that has been delivered; nil before the first.
    public private(set) var position: Position?
    /// What the members are still to be told of what they have missed.
    public private(set) var owed = Owed()

    /// A channel that has not been subscribed yet.
    public init() {}

    /// Whether viewers can be served from what the loop knows.
    public var isLive: Bool { phase == .live }

    /// Whether a read has to be answered before anything is delivered.
    public var isReading: Bool { phase == .reading }

    /// Whether everything up to `place` has been delivered.
    public func hasReached(_ place: Position?) -> Bool {
        guard isLive, let place else { return isLive }
        return position.map { $0.epoch == place.epoch && $0.sequence >= place.sequence } ?? false
    }

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

    /// As ``receive(_:payload:)``, for a message that had to wait.
    public mutating func admit(_ message: Waiting) -> Verdict {
        guard phase == .live else {
            waiting.append(Waiting(position: message.position, payload: message.payload, precedesRead: false))
            return .wait
        }
        let verdict = judge(message.position)
        switch verdict {
        case .deliver: advance(to: message.position)
        case .read:
            // Redis has answered and does not know it: a forged envelope.
            if message.precedesRead { return .drop }
            waiting.append(message)
            beginReading()
        case .drop, .wait: break
        }
        return verdict
    }

    /// A read is answered. Tell what it found; where it is only a part, read on, else hand every message that is returned as
    /// waiting to ``admit(_:)``, in order.
    public mutating func didRead(_ answer: Answer) -> Found {
        guard phase == .reading else { return Found(start: .goesOn) }
        guard let top = answer.top else {
            owed = Owed()
            return goLive(at: nil, Found(start: .nothing))
        }
        guard let since = answer.since else {
            owed.state = true
            return goLive(at: top, Found(start: .place))
        }
        let isNew = since.epoch != top.epoch
        // What was owed of another epoch goes with it: that numbers begin anew says more.
        if isNew { owed = Owed() }
        let start = isNew ? 0 : since.sequence
        let found = Found(start: isNew ? .anew : .goesOn)
        // No place of this channel: forged, or Redis has lost what came before it.
        guard start <= top.sequence else {
            owed.state = true
            return goLive(at: top, found)
        }
        return tell(answer.entries, after: start, upTo: top, found)
    }

    private mutating func tell(_ entries: [Position?], after start: UInt64, upTo top: Position, _ found: Found) -> Found
    {
        var found = found
        let items = merge(entries, after: start, upTo: top)
        let portion = HistoryPortion(
            after: start, upTo: top.sequence, numbers: items.map(\.number), isLast: !items.contains { $0.isEntry })
        found.steps = portion.steps.map { Step(items[$0.index].item, missed: $0.missed) }
        found.missedAtEnd = portion.missedAtEnd
        owed.state = owed.state || portion.hasGap
        let end = Position(epoch: top.epoch, sequence: portion.end)
        return end == top ? goLive(at: top, found) : readOn(from: end, found)
    }

    /// The entries by number, and among them what was heard meanwhile and the history has let go of since.
    private func merge(
        _ entries: [Position?], after start: UInt64, upTo top: Position
    ) -> [(number: UInt64, item: Step.Item, isEntry: Bool)] {
        let told = entries.enumerated().compactMap { index, place in
            place.flatMap { place in
                place.epoch == top.epoch && place.sequence > start && place.sequence <= top.sequence
                    ? (number: place.sequence, item: Step.Item.entry(index), isEntry: true) : nil
            }
        }
        // Beyond the last entry the history may hold more, which this answer had no room for.
        let most = told.last?.number ?? top.sequence
        let heard = waiting.messages.compactMap { message in
            message.position.flatMap { place in
                place.epoch == top.epoch && place.sequence > start && place.sequence <= most
                    ? (number: place.sequence, item: Step.Item.waiting(message), isEntry: false) : nil
            }
        }
        guard !heard.isEmpty else { return told }
        // Of one number the entry comes first: it says what was known with it.
        return (told + heard).sorted { ($0.number, $0.isEntry ? 0 : 1) < ($1.number, $1.isEntry ? 0 : 1) }
    }

    private mutating func goLive(at top: Position?, _ found: Found) -> Found {
        // What could not be kept is in the history.
        guard !overflowed else { return readOn(from: top, found) }
        var found = found
        found.endsWithState = owed.state
        owed.state = false
        phase = .live
        position = top
        found.waiting = waiting.messages
        forgetWaiting()
        return found
    }

    private mutating func readOn(from end: Position?, _ found: Found) -> Found {
        var found = found
        found.isPart = true
        position = end
        waiting.drop { place in end.map { place.epoch == $0.epoch && place.sequence <= $0.sequence } ?? false }
        beginReading()
        return found
    }

    /// So many numbers before the next message cannot be told.
    public mutating func owe(_ missed: UInt64) { owed.add(missed) }

    /// What the next message must say of what was missed before it.
    public mutating func takeMissed() -> UInt64 {
        guard owed.missed > 0 else { return 0 }
        defer { owed.missed = 0 }
        return owed.missed
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
        overflowed = false  // the read that is sent now covers it
        waiting.precedeRead()
    }

    private mutating func keep(_ position: Position?, _ payload: UnsafeRawBufferPointer) {
        guard waiting.bytes + payload.count + EventLimits.bytesAroundEvent <= Self.maxWaitingBytes else {
            overflowed = true
            return
        }
        waiting.append(Waiting(position: position, payload: Array(payload), precedesRead: false))
    }

    private mutating func forgetWaiting() {
        waiting = Backlog()
        overflowed = false
    }
}
