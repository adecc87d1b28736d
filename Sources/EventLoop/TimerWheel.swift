/// Timers by deadline: a hierarchical timing wheel (Varghese and Lauck, 1987, scheme 7) as a value without a clock.
///
/// Seven wheels of 64 slots; a slot of the first is 1 ms, of each further one 64 times the slot before. A timer goes
/// where its deadline first differs from the present, and moves down when its slot comes up: at most seven moves,
/// mostly two or three. Inserting and removing take a few stores, for any number of timers: 50,000 connections renew
/// their idle timeouts with every message. Timers fire in the order of their deadlines, and with the same deadline in
/// the order of their insertion.
///
/// Nodes live in one array and are linked by index, 32 bytes each with a reference as payload. The first 448 are the
/// slots themselves: circular lists with a sentinel need no special case for the first or last timer.
struct TimerWheel<Payload> {
    /// Identifies one inserted timer; useless once the timer has fired or was removed.
    struct Key {
        fileprivate var index: Int32
        fileprivate var generation: UInt32

        /// Identifies no timer.
        static var none: Key { Key(index: 0, generation: 0) }
    }

    private struct Node {
        var payload: Payload?
        var deadline: UInt64 = 0
        var next: Int32
        var previous: Int32
        var generation: UInt32 = 1
    }

    /// The number of timers waiting.
    private(set) var count = 0

    private var nodes: ContiguousArray<Node>
    /// A bit for each slot of each level that has timers.
    private var occupied: [UInt64]
    /// The first free node, linked by `next`; 0 (a sentinel, never free) when there is none.
    private var firstFree: Int32 = 0
    /// The time up to which the wheel has handed out all due timers. All waiting deadlines are later.
    private var elapsed: UInt64

    init(now: UInt64) {
        elapsed = now
        occupied = Array(repeating: 0, count: Wheel.levels)
        nodes = ContiguousArray()
        nodes.reserveCapacity(Wheel.slots * Wheel.levels)
        for index in 0..<Int32(Wheel.slots * Wheel.levels) { nodes.append(Node(next: index, previous: index)) }
    }

    /// Adds a timer that is due `delay` ms after `now`, in the next millisecond at the earliest.
    ///
    /// Delays of a second and more are rounded up to whole slots of the second wheel, so that thousands of idle
    /// timeouts wake the loop 16 times a second and not a thousand times.
    mutating func insert(_ payload: Payload, after delay: UInt64, now: UInt64) -> Key {
        catchUp(to: now)
        let index = takeNode(payload)
        place(index, after: delay, now: now)
        count += 1
        return Key(index: index, generation: nodes[Int(index)].generation)
    }

    /// Gives a waiting timer another deadline, counted from now; false where the timer has fired or was removed.
    mutating func move(_ key: Key, after delay: UInt64, now: UInt64) -> Bool {
        guard contains(key) else { return false }
        catchUp(to: now)
        unlink(key.index)
        place(key.index, after: delay, now: now)
        return true
    }

    /// Removes a timer before it is due; nil where the timer has fired or was removed already.
    @discardableResult
    mutating func remove(_ key: Key) -> Payload? {
        guard contains(key) else { return nil }
        unlink(key.index)
        return release(key.index)
    }

    /// Whether the timer is still waiting.
    func contains(_ key: Key) -> Bool {
        key.index > 0 && nodes[Int(key.index)].generation == key.generation && nodes[Int(key.index)].payload != nil
    }

    /// Removes the earliest timer that is due at `now`. Call it until it returns nil.
    mutating func removeExpired(at now: UInt64) -> Payload? {
        while let wake = nextWake, wake <= now {
            elapsed = max(elapsed, wake)
            let (level, slot) = firstOccupied!
            guard level > 0 else {
                let index = nodes[slot].next
                unlink(index)
                return release(index)
            }
            cascade(level: level, slot: slot)
        }
        elapsed = max(elapsed, now)
        return nil
    }

    /// When to call ``removeExpired(at:)`` next: a deadline, or an earlier moment at which timers move down a wheel.
    var nextWake: UInt64? {
        guard let (level, slot) = firstOccupied else { return nil }
        let shift = Wheel.bits * level
        let block = (elapsed >> UInt64(shift + Wheel.bits)) << UInt64(shift + Wheel.bits)
        return block | UInt64(slot) << UInt64(shift)
    }
}

/// The measures of the wheel.
private enum Wheel {
    static let bits = 6
    static let slots = 64
    static let levels = 7
    /// The last deadline the wheels reach: 139 years on the clock of milliseconds since the machine started.
    static let end: UInt64 = (1 << UInt64(bits * levels)) - UInt64(slots)
    static let roundedFrom: UInt64 = 1000
    static let rounding = UInt64(slots - 1)
}

extension TimerWheel {
    /// The earliest slot with timers. Timers in a lower wheel always come before timers in a higher wheel.
    private var firstOccupied: (level: Int, slot: Int)? {
        for level in 0..<Wheel.levels where occupied[level] != 0 {
            return (level, occupied[level].trailingZeroBitCount)
        }
        return nil
    }

    /// Moves the present forward over a time without due timers, so that new timers get the right slot.
    private mutating func catchUp(to now: UInt64) {
        if let wake = nextWake, wake <= now { return }
        elapsed = max(elapsed, now)
    }

    private mutating func place(_ index: Int32, after delay: UInt64, now: UInt64) {
        let (sum, overflow) = now.addingReportingOverflow(delay)
        var deadline = overflow ? Wheel.end : min(sum, Wheel.end)
        if delay >= Wheel.roundedFrom { deadline = (deadline + Wheel.rounding) & ~Wheel.rounding }
        nodes[Int(index)].deadline = max(deadline, elapsed + 1)
        link(index)
    }

    /// Appends a node to the slot of its deadline.
    private mutating func link(_ index: Int32) {
        let deadline = nodes[Int(index)].deadline
        let highestDifference = 63 - ((deadline ^ elapsed) | Wheel.rounding).leadingZeroBitCount
        let level = highestDifference / Wheel.bits
        let slot = Int(truncatingIfNeeded: deadline >> UInt64(Wheel.bits * level)) & (Wheel.slots - 1)
        let sentinel = Int32(level * Wheel.slots + slot)
        let last = nodes[Int(sentinel)].previous
        nodes[Int(index)].next = sentinel
        nodes[Int(index)].previous = last
        nodes[Int(last)].next = index
        nodes[Int(sentinel)].previous = index
        occupied[level] |= 1 << UInt64(slot)
    }

    private mutating func unlink(_ index: Int32) {
        let (next, previous) = (nodes[Int(index)].next, nodes[Int(index)].previous)
        nodes[Int(previous)].next = next
        nodes[Int(next)].previous = previous
        if next == previous {  // Only a sentinel is its own neighbour on both sides: the slot is empty now.
            occupied[Int(next) / Wheel.slots] &= ~(1 << UInt64(Int(next) % Wheel.slots))
        }
    }

    /// Moves a slot's timers down to lower wheels once the slot's time has come.
    private mutating func cascade(level: Int, slot: Int) {
        let sentinel = Int32(level * Wheel.slots + slot)
        var index = nodes[Int(sentinel)].next
        nodes[Int(sentinel)].next = sentinel
        nodes[Int(sentinel)].previous = sentinel
        occupied[level] &= ~(1 << UInt64(slot))
        while index != sentinel {
            let next = nodes[Int(index)].next
            link(index)
            index = next
        }
    }

    private mutating func takeNode(_ payload: Payload) -> Int32 {
        let index = firstFree
        guard index != 0 else {
            nodes.append(Node(payload: payload, next: 0, previous: 0))
            return Int32(nodes.count - 1)
        }
        firstFree = nodes[Int(index)].next
        nodes[Int(index)].payload = payload
        return index
    }

    private mutating func release(_ index: Int32) -> Payload? {
        let payload = nodes[Int(index)].payload.take()
        nodes[Int(index)].generation &+= 1
        nodes[Int(index)].next = firstFree
        firstFree = index
        count -= 1
        return payload
    }
}
