/// In which order the servers of a cluster are asked for the map: one that redirected a command knows more than the
/// map, one that does not serve its own slots may be cut off from the others, and knows less.
public struct SurveyOrder: Equatable, Sendable {
    /// The server to ask first.
    private var informant: Address?
    /// The servers to ask last, the latest at the end.
    private var doubted: [Address] = []

    /// No server is better than another.
    public init() {}

    /// The server at `place` redirected a command.
    public mutating func receive(_ redirection: Redirection, from place: Address) {
        switch redirection {
        case .moved:
            informant = place
            doubted.removeAll { $0 == place }
        case .down, .notServing:
            if informant == place { informant = nil }
            doubted.removeAll { $0 == place }
            doubted.append(place)
        case .ask, .tryAgain, .crossSlot: break
        }
    }

    /// Each of `places` once, in the order to ask them; else in their own order. The informant is forgotten with it, and
    /// every server that is none of `places`.
    public mutating func take(_ places: [Address]) -> [Address] {
        var left: Set<Address> = Set(places)
        doubted.removeAll { !left.contains($0) }
        let last = informant.map { first in doubted.filter { $0 != first } } ?? doubted
        left.subtract(last)
        let usual = places.filter { left.remove($0) != nil }
        defer { informant = nil }
        return usual.filter { $0 == informant } + usual.filter { $0 != informant } + last
    }
}
