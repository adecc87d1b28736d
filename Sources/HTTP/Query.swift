/// A target's query: names and values, decoded, in order.
public struct Query: Sendable, Equatable {
    /// One `name=value`; without `=` the value is empty.
    public struct Item: Sendable, Equatable {
        /// The decoded name.
        public var name: String
        /// The decoded value.
        public var value: String
    }

    /// Every item.
    public var items: [Item]

    /// These items, none by default.
    public init(items: [Item] = []) { self.items = items }

    /// The value of the first item of that name.
    public subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }
}
