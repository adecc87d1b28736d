/// The condition of a node: whether clients should use it. A client may get any of its loops, so each must be well.
package struct NodeCondition: Sendable {
    /// Why clients should not use the node now; nil when they should.
    package let unreadiness: Unreadiness?
    /// What any loop cannot reach of a cluster: the addresses of masters, and how many slots have none.
    let absentShards: [String]

    /// The node is stopping.
    package static let draining = NodeCondition(unreadiness: .draining, absentShards: [])

    private init(unreadiness: Unreadiness?, absentShards: [String]) {
        self.unreadiness = unreadiness
        self.absentShards = absentShards
    }

    /// The condition of the node of these loops; a loop that has not started yet has none.
    package init(_ loops: [LoopCondition?]) {
        let reasons = loops.map { $0.map(\.unreadiness) ?? .starting }
        unreadiness = Unreadiness.allCases.first(where: reasons.contains)
        absentShards = Set(loops.flatMap { $0?.absentShards ?? [] }).sorted()
    }
}
