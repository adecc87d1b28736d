public import Events

/// Where a loop stands in one channel's sequence: subscribe, read, then live, without a gap or a duplicate.
///
/// A value that says what to do. It takes messages as they arrive. During a read they wait here, in order, and come out
/// with the answer. A history is read in portions: each is told before the next is read.
public struct ChannelSync {
    /// A message from Redis that waits for the answer to a read.
    public struct Waiting: Sendable, Equatable {
        /// Its position; nil for a plain event.
        public let position: Position?
        /// The payload, envelope included.
        public let payload: [UInt8]
        /// Whether it arrived before the read was sent. Then the answer must hold it: Redis writes an event before
        /// publishing it.
        public internal(set) var precedesRead: Bool
    }

    /// What to do with a message.
    public enum Verdict: Equatable, Sendable {
        /// Next in order, or plain: deliver it now.
        case deliver
        /// Already known, or forged: drop it.
        case drop
        /// It waits here for the answer to a read.
        case wait
        /// Events before it are missing. It waits here: read the events after the position.
        case read
    }

    enum Phase: Equatable, Sendable {
        case subscribing  // SUBSCRIBE sent, or the connection is down
        case reading
        case live
    }

    /// Bytes of messages kept while reading, with the bytes around them: no more than a viewer is sent at a time. The
    /// loop reads the rest from the history.
    static let maxWaitingBytes = 256 * 1024

    /// Messages that wait, and their bytes.
    private struct Backlog {
        private(set) var messages: [Waiting] = []
        private(set) var bytes = 0

        mutating func append(_ message: Waiting) {
            messages.append(message)
            bytes += message.payload.count + EventLimits.bytesAroundEvent
        }

        /// Removes the plain events; returns them in order.
        mutating func takePlain() -> [Waiting] {
            let all = messages
            self = Backlog()
            for message in all where message.position != nil { append(message) }
            return all.filter { $0.position == nil }
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
    /// A message since the last read was sent could not be kept, or may be missing.
    private var overflowed = false
    /// The channel was live before: it has members.
    private var wasLive = false
    /// No read is under way, and nobody knows when the next one is: the members get plain events as they come. They are in
    /// no history.
    private var isCutOff = false
    /// Messages may have been missed since the last read was sent: another must follow it.
    private var mustCheck = false

    /// The last position that has been delivered; nil before the first.
    public private(set) var position: Position?
    /// The gap that the members are still to be told of.
    public private(set) var owed = Owed()

    /// A channel that has not been subscribed yet.
    public init() {}

    /// Whether viewers can be served from what the loop knows.
    public var isLive: Bool { phase == .live }

    /// Whether viewers can be served, and another read is due all the same.
    public var isCheckDue: Bool { isLive && mustCheck }

    /// Whether the answer to a read must come before anything is delivered.
    public var isReading: Bool { phase == .reading }

    /// Whether everything up to `place` has been delivered.
    public func hasReached(_ place: Position?) -> Bool {
        guard isLive, let place else { return isLive }
        return position.map { $0.epoch == place.epoch && $0.sequence >= place.sequence } ?? false
    }

    /// Redis confirmed the subscription: read the events after ``position`` now.
    public mutating func didSubscribe() { beginReading() }

    /// The subscription is lost. The numbered messages that wait are older than the read that follows the next one. Returns
    /// the plain ones that the members get now.
    public mutating func didDisconnect() -> [Waiting] {
        phase = .subscribing
        let plain = waiting.takePlain()
        forgetWaiting()
        return cutOff(plain)
    }

    /// A read failed, and nobody knows when the next one succeeds. Returns the plain messages that the members get now.
    public mutating func didFail() -> [Waiting] { wasLive ? cutOff(waiting.takePlain()) : [] }

    private mutating func cutOff(_ plain: [Waiting]) -> [Waiting] {
        isCutOff = wasLive
        guard !wasLive else { return plain }
        // There is nobody to tell yet: the first members get them with the state.
        for message in plain { waiting.append(message) }
        return []
    }

    /// The read failed and must be sent again. Messages that arrived meanwhile keep waiting.
    public mutating func willReadAgain() { if isReading { beginReading() } }

    /// Redis knows more: messages from now on wait for a read.
    public mutating func willCheck() { if isLive { beginReading() } }

    /// Messages may be missing, which a read under way need not have found. Returns whether to read now: a channel that is
    /// reading goes live first (``isCheckDue``), so that no number of checks shuts viewers out, and one that is not subscribed
    /// reads after that.
    public mutating func didCheck() -> Bool {
        mustCheck = phase == .reading
        willCheck()
        return isReading && !mustCheck
    }

    /// A message arrived.
    public mutating func receive(_ position: Position?, payload: UnsafeRawBufferPointer) -> Verdict {
        guard phase == .live else {
            if position == nil, isCutOff { return .deliver }
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
            // Redis answered and does not know the message: a forged envelope.
            if message.precedesRead { return .drop }
            waiting.append(message)
            beginReading()
        case .drop, .wait: break
        }
        return verdict
    }

    /// A read was answered. Tell what it found. Where that is only a part, read on; else hand every message that is
    /// returned as waiting to ``admit(_:)``, in order.
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
        // A gap in another epoch is told by the new epoch: numbers start again.
        if isNew { owed = Owed() }
        let start = isNew ? 0 : since.sequence
        let found = Found(start: isNew ? .anew : .goesOn)
        // The position is none of this channel: it is forged, or Redis lost the events before it.
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

    /// The entries by number, with the messages heard meanwhile that the history has since dropped.
    private func merge(
        _ entries: [Position?], after start: UInt64, upTo top: Position
    ) -> [(number: UInt64, item: Step.Item, isEntry: Bool)] {
        let told = entries.enumerated().compactMap { index, place in
            place.flatMap { place in
                place.epoch == top.epoch && place.sequence > start && place.sequence <= top.sequence
                    ? (number: place.sequence, item: Step.Item.entry(index), isEntry: true) : nil
            }
        }
        // The history may hold more after the last entry, for which this answer had no room.
        let most = told.last?.number ?? top.sequence
        let heard = waiting.messages.compactMap { message in
            message.position.flatMap { place in
                place.epoch == top.epoch && place.sequence > start && place.sequence <= most
                    ? (number: place.sequence, item: Step.Item.waiting(message), isEntry: false) : nil
            }
        }
        guard !heard.isEmpty else { return told }
        // Of one number the entry comes first: it carries what was known with it.
        return (told + heard).sorted { ($0.number, $0.isEntry ? 0 : 1) < ($1.number, $1.isEntry ? 0 : 1) }
    }

    private mutating func goLive(at top: Position?, _ found: Found) -> Found {
        // The history holds what could not be kept.
        guard !overflowed else { return readOn(from: top, found) }
        var found = found
        found.endsWithState = owed.state
        owed.state = false
        (phase, wasLive) = (.live, true)
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

    /// So many numbers before the next message are lost.
    public mutating func owe(_ missed: UInt64) { owed.add(missed) }

    /// What the next message must say of the gap before it.
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
        // What has no number waits for this read, too: it would overtake what the read finds.
        isCutOff = false
        (overflowed, mustCheck) = (false, false)  // the read that is sent now covers both
        waiting.precedeRead()
    }

    private mutating func keep(_ position: Position?, _ payload: UnsafeRawBufferPointer) {
        guard waiting.bytes + payload.count + EventLimits.bytesAroundEvent <= Self.maxWaitingBytes else {
            overflowed = true
            return
        }
        waiting.append(Waiting(position: position, payload: Array(payload), precedesRead: false))
    }

    private mutating func forgetWaiting() { (waiting, overflowed) = (Backlog(), false) }
}
