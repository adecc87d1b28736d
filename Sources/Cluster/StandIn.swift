public import RESP

extension HashSlot {
    /// One of `addresses` for this slot while its master is away: the same for the same addresses in any order, so that
    /// messages of one channel take one way. Nil where there is none.
    public func standIn(among addresses: [Address]) -> Address? {
        guard !addresses.isEmpty else { return nil }
        return addresses.map { (name: "\($0)", address: $0) }.sorted { $0.name < $1.name }[number % addresses.count]
            .address
    }
}
