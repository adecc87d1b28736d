import Cluster
import RESP

/// Hears what the commands of a loop learn of its cluster. All calls come on the loop.
protocol ClusterObserver: AnyObject {
    /// There is a new map, which gives these slots to other masters than the one before, or to none.
    func mapDidChange(of slots: [HashSlot])
    /// The map gives a slot to another of its masters.
    func slotDidMove(_ slot: HashSlot)
    /// A command shows that a slot is open at the server `source`. Nil where the answer does not say who takes it over.
    func slotIsOpen(_ slot: HashSlot, from source: Address, to target: Address?)
}
