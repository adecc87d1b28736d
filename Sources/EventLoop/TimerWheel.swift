/// Every timer of a loop: a hashed wheel (Varghese and Lauck, 1987), so that starting and cancelling one costs the same
/// however many there are. Time is a parameter, in milliseconds.
struct TimerWheel {
    /// Milliseconds that share a slot.
    static let tickMilliseconds: UInt64 = 4
    /// Slots; one turn of the wheel is 4 s. Later timers stay in their slot for several turns.
    static let slotCount = 1024

    private var slots = [ContiguousArray<Timer>](repeating: [], count: slotCount)
    private var lastTick: UInt64

    /// Timers that wait.
    private(set) var count = 0

    init(now: UInt64) { lastTick = now / Self.tickMilliseconds }

    mutating func insert(_ timer: Timer) {
        // Overdue already: the slot that is looked at next.
        let tick = max(timer.deadline / Self.tickMilliseconds, lastTick)
        let slot = Int(tick % UInt64(Self.slotCount))
        timer.slot = slot
        timer.index = slots[slot].count
        slots[slot].append(timer)
        count += 1
    }

    /// Takes a timer out; nothing happens where it is not in.
    mutating func remove(_ timer: Timer) {
        guard timer.slot >= 0 else { return }
        let last = slots[timer.slot].removeLast()
        if last !== timer {
            slots[timer.slot][timer.index] = last
            last.index = timer.index
        }
        timer.slot = -1
        count -= 1
    }

    /// Takes out what is due, earliest first.
    mutating func advance(to now: UInt64) -> [Timer] {
        let nowTick = now / Self.tickMilliseconds
        guard count > 0 else {
            lastTick = max(lastTick, nowTick)
            return []
        }
        var due: [Timer] = []
        // The last tick is looked at again: it was not over.
        for tick in lastTick...max(lastTick, min(nowTick, lastTick + UInt64(Self.slotCount))) {
            due += slots[Int(tick % UInt64(Self.slotCount))].filter { $0.deadline <= now }
        }
        lastTick = max(lastTick, nowTick)
        for timer in due { remove(timer) }
        return due.sorted { $0.deadline < $1.deadline }
    }

    /// Milliseconds until the wheel has to be looked at again; nil when nothing waits.
    func wait(now: UInt64) -> UInt64? {
        guard count > 0 else { return nil }
        for tick in lastTick..<lastTick + UInt64(Self.slotCount) {
            let slot = slots[Int(tick % UInt64(Self.slotCount))]
            let end = (tick + 1) * Self.tickMilliseconds
            if let first = slot.lazy.map(\.deadline).filter({ $0 < end }).min() { return first > now ? first - now : 0 }
        }
        return UInt64(Self.slotCount) * Self.tickMilliseconds
    }
}
