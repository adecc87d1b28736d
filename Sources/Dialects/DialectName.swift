import Events

/// A dialect as a small number, its index in ``dialects``.
public struct DialectName: Hashable, Sendable, CaseIterable {
    /// The dialect's index in the list.
    public let number: UInt8

    /// Every dialect, in the order of their numbers.
    public static let allCases = dialects.indices.map { DialectName(number: UInt8($0)) }

    private init(number: UInt8) { self.number = number }

    /// The dialect itself.
    public var dialect: any Dialect.Type { Self.dialects[Int(number)] }

    /// The properties in which it differs from others.
    public var traits: DialectTraits { dialect.traits }

    /// The dialect of a connection to `path`: that of the first of `subprotocols` that names one, else the one that the
    /// path and the query's names select. Nil where none matches.
    public static func choose(path: String, query: some Sequence<String>, subprotocols: some Sequence<String>)
        -> DialectName?
    {
        choose(among: dialects, path: path, query: query, subprotocols: subprotocols).map { allCases[$0] }
    }

    /// The index in `dialects` of the selected one.
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
