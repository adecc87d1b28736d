/// The counters of one room on one loop, shared by the objects of that room.
package final class Tally<RoomCounters: Counters> {
    /// The numbers. Only the loop's thread uses them, and no addition calls other code, so that writes to viewers need
    /// no check at run time.
    @exclusivity(unchecked)
    package var counters = RoomCounters()

    /// Nothing counted yet.
    package init() {}
}
