/// The map that a survey of a cluster finds. A map without masters is that of a server that has left the cluster, or of
/// a cluster that has no slots yet: only all servers together can say so.
public struct SurveyVerdict: Sendable {
    private var emptyMap: SlotMap?
    private var isMissingAnswers = false

    /// No server has answered yet.
    public init() {}

    /// A server has answered with this map; returns whether the survey is over.
    public mutating func receive(_ map: SlotMap) -> Bool {
        guard map.masters.isEmpty else { return true }
        emptyMap = map
        return false
    }

    /// A server has not answered.
    public mutating func receiveNothing() { isMissingAnswers = true }

    /// The outcome once all servers were asked, and none had a map with masters.
    public enum End: Equatable, Sendable {
        /// Every server has this map without masters.
        case empty(SlotMap)
        /// Some servers have a map without masters; the others do not answer, and may know better.
        case slotless
        /// No server has answered.
        case unanswered
    }

    /// The outcome where all servers were asked.
    public var end: End {
        guard let emptyMap else { return .unanswered }
        return isMissingAnswers ? .slotless : .empty(emptyMap)
    }
}
