/// One room's counts on one loop since it started. Plain integers: a loop writes only its own counters, and the
/// counters of all loops are added up when the metrics are read.
package protocol Counters: Sendable {
    /// Nothing counted yet.
    init()

    /// Adds another loop's counts.
    mutating func add(_ other: Self)
}

extension Sequence where Element: Counters {
    /// The counters of all loops together.
    func total() -> Element {
        reduce(into: Element()) { $0.add($1) }
    }
}
