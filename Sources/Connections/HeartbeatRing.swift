/// Every connection of a loop, in as many slots as the heartbeat interval has ticks. Each tick serves one slot, so
/// every connection is served once an interval, and never all of them at once.
package struct HeartbeatRing<Member: AnyObject> {
    /// A member's place in the ring, by which it is removed.
    package struct Seat {
        fileprivate var slot: Int32
        fileprivate var index: Int32
    }

    private var slots: [ContiguousArray<Member>]
    private var next = 0
    private var filling = 0
    private let seat: WritableKeyPath<Member, Seat>

    /// A ring of `ticks` slots whose members keep their seats at `seat`.
    package init(ticks: Int, seat: WritableKeyPath<Member, Seat>) {
        slots = Array(repeating: [], count: max(1, ticks))
        self.seat = seat
    }

    /// The seat of a member that is not in the ring.
    package static var none: Seat { Seat(slot: -1, index: -1) }

    /// Adds a member; successive members go to successive slots.
    package mutating func insert(_ member: Member) {
        var member = member
        filling = (filling + 1) % slots.count
        member[keyPath: seat] = Seat(slot: Int32(filling), index: Int32(slots[filling].count))
        slots[filling].append(member)
    }

    /// Removes a member; does nothing where it has no seat.
    package mutating func remove(_ member: Member) {
        var member = member
        let place = member[keyPath: seat]
        guard place.slot >= 0 else { return }
        var last = slots[Int(place.slot)].removeLast()
        if last !== member {
            slots[Int(place.slot)][Int(place.index)] = last
            last[keyPath: seat] = place
        }
        member[keyPath: seat] = Self.none
    }

    /// The members of the next slot.
    package mutating func advance() -> ContiguousArray<Member> {
        defer { next = (next + 1) % slots.count }
        return slots[next]
    }
}

extension HeartbeatRing.Seat {
    /// Whether its member is in the ring.
    package var isTaken: Bool { slot >= 0 }
}
