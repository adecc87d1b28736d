/// REST's questions to the whole node.
package protocol NodeSurvey: AnyObject, Sendable {
    /// Whether the node is stopping.
    var isStopping: Bool { get }
    /// Why clients should not use the node now; nil when they should. Asks every loop: a client may get any of them.
    nonisolated(nonsending) func unreadiness() async -> Unreadiness?
    /// What any loop lacks of a cluster: its masters that cannot be asked, slots that have none.
    nonisolated(nonsending) func absentShards() async -> [String]
    /// The page of metrics.
    nonisolated(nonsending) func metrics() async -> [UInt8]
}
