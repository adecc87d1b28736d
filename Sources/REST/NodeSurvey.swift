/// REST's questions to the whole node.
package protocol NodeSurvey: AnyObject, Sendable {
    /// Whether the node is stopping.
    var isStopping: Bool { get }
    /// Whether clients should use the node now. Asks every loop.
    nonisolated(nonsending) func condition() async -> NodeCondition
    /// The page of metrics.
    nonisolated(nonsending) func metrics() async -> [UInt8]
}
