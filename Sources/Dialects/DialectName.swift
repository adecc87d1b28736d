import Events

/// Which dialect is spoken: a small number that stands for one of ``dialects``.
public struct DialectName: Hashable, Sendable, CaseIterable {
    /// The dialect's place in the list.
    public let number: UInt8

    /// Every dialect, in the order of their numbers.
    public static let allCases = dialects.indices.map { DialectName(number: UInt8($0)) }

    private init(number: UInt8) { self.number = number }

    /// The dialect itself.
    public var dialect: any Dialect.Type { Self.dialects[Int(number)] }

    /// What sets it apart from the others.
    public var traits: DialectTraits { dialect.traits }

    /// The dialect of a connection to `path`: the first of `subprotocols` that names one, else what path and the names of
    /// the query's items say. Nil where no dialect is spoken.
    public static func choose(path: String, query: some Sequence<String>, subprotocols: some Sequence<String>)
        -> DialectName?
    {
        choose(among: dialects, path: path, query: query, subprotocols: subprotocols).map { allCases[$0] }
    }

    /// The place in `dialects` of the one that is meant.
    static func choose(
        among dialects: [any Dialect.Type], path: String, query: some Sequence<String>,
        subprotocols: some Sequence<String>
    ) -> Int? {
        let addresses = dialects.map { $0.traits.address }
        guard addresses.contains(where: { $0.path == path }) else { return nil }
        for offered in subprotocols {
            if let named = dialects.firstIndex(where: { $0.subprotocol == offered }) { return named }
        }
        let names = Set(query)
        return addresses.firstIndex { $0.path == path && !$0.queryNames.isDisjoint(with: names) }
            ?? addresses.firstIndex { $0.path == path && $0.queryNames.isEmpty }
    }
}

extension DialectName: CustomStringConvertible {
    /// The dialect's name.
    public var description: String { dialect.name }
}
