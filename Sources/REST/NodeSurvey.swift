/// What REST asks of the node as a whole.
package protocol NodeSurvey: AnyObject, Sendable {
    /// Whether the node is stopping.
    var isStopping: Bool { get }
    /// Why the node should get no clients now; nil when it should. Asks every loop: a client may come to any of them.
    nonisolated(nonsending) func unreadiness() async -> Unreadiness?
    /// What any loop lacks of a cluster: its masters that cannot be asked, slots that have none.
    nonisolated(nonsending) func absentShards() async -> [String]
    /// The page of metrics.
    nonisolated(nonsending) func metrics() async -> [UInt8]
}
