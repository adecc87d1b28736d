/// The counters of one room on one loop, shared by the objects of that room.
package final class Tally<RoomCounters: Counters> {
    /// The numbers. Only the loop's thread touches them, and no addition calls out, so that nothing is to be checked at
    /// each write to a viewer.
    @exclusivity(unchecked)
    package var counters = RoomCounters()

    /// Nothing counted yet.
    package init() {}
}
