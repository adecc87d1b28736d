/// Channels by the bytes of their Redis name, so that finding a message's channel makes no String.
///
/// Open addressing with linear probing; the hash is Swift's seeded SipHash, since clients choose the names.
struct ChannelTable {
    private var slots: ContiguousArray<Channel?> = ContiguousArray(repeating: nil, count: 16)
    private(set) var count = 0

    /// The channel of that name.
    func find(_ name: UnsafeRawBufferPointer) -> Channel? {
        var slot = home(of: name)
        while let channel = slots[slot] {
            if Self.matches(channel, name) { return channel }
            slot = next(slot)
        }
        return nil
    }

    /// The channel of that name.
    func find(_ name: String) -> Channel? {
        var name = name
        return name.withUTF8 { find(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a channel whose name must not be there yet.
    mutating func insert(_ channel: Channel) {
        if (count + 1) * 4 > slots.count * 3 { resize(to: slots.count * 2) }
        slots[freeSlot(for: channel)] = channel
        count += 1
    }

    /// Removes a channel that must be there.
    mutating func remove(_ channel: Channel) {
        var hole = Self.withName(channel) { home(of: $0) }
        while let found = slots[hole], found !== channel { hole = next(hole) }
        precondition(slots[hole] != nil, "ChannelTable: \(channel.redisName) is not in the table")
        count -= 1
        closeGap(at: hole)
        if slots.count > 16, count * 8 < slots.count { resize(to: slots.count / 2) }
    }

    /// Every channel, in no order.
    var all: [Channel] { slots.compactMap { $0 } }

    /// Moves later members of the probe sequence up, so that no tombstones are needed.
    private mutating func closeGap(at gap: Int) {
        var hole = gap
        var slot = next(hole)
        while let channel = slots[slot] {
            let ideal = Self.withName(channel) { home(of: $0) }
            if distance(from: ideal, to: slot) >= distance(from: hole, to: slot) {
                slots[hole] = channel
                hole = slot
            }
            slot = next(slot)
        }
        slots[hole] = nil
    }

    private mutating func resize(to capacity: Int) {
        let channels = all
        slots = ContiguousArray(repeating: nil, count: capacity)
        for channel in channels { slots[freeSlot(for: channel)] = channel }
    }

    private func freeSlot(for channel: Channel) -> Int {
        var slot = Self.withName(channel) { home(of: $0) }
        while slots[slot] != nil { slot = next(slot) }
        return slot
    }

    private func home(of name: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: name)
        return hasher.finalize() & (slots.count - 1)
    }

    private func next(_ slot: Int) -> Int { (slot + 1) & (slots.count - 1) }

    private func distance(from: Int, to: Int) -> Int { (to - from) & (slots.count - 1) }

    private static func withName<Result>(_ channel: Channel, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var name = channel.redisName
        return name.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    private static func matches(_ channel: Channel, _ name: UnsafeRawBufferPointer) -> Bool {
        withName(channel) { $0.count == name.count && $0.elementsEqual(name) }
    }
}
