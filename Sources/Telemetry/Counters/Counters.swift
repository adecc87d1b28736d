/// What one room has counted on one loop since the loop started. Plain integers: a loop writes only its own counters, and
/// the counters of all loops are added up when somebody reads the metrics.
package protocol Counters: Sendable {
    /// Nothing counted yet.
    init()

    /// Adds what another loop has counted.
    mutating func add(_ other: Self)
}

extension Sequence where Element: Counters {
    /// The counters of all loops together.
    func total() -> Element {
        reduce(into: Element()) { $0.add($1) }
    }
}
