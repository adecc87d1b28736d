public import JSON

/// What is known of a channel beside its last event: what an event leaves out is what was last known.
public struct TaskKnowledge: Sendable, Equatable {
    /// The last status word, as the worker wrote it.
    public var status: String?
    /// The last progress, as JSON text of a number.
    public var progress: String?
    /// The stage being worked on.
    public var currentStage: String?
    /// The stages that are done, in order.
    public var completedStages: [String]
    /// Whether the task has ended: only a restart is accepted then (RULES 10).
    public var hasEnded: Bool

    /// What is given; by default nothing.
    public init(
        status: String? = nil, progress: String? = nil, currentStage: String? = nil, completedStages: [String] = [],
        hasEnded: Bool = false
    ) {
        self.status = status
        self.progress = progress
        self.currentStage = currentStage
        self.completedStages = completedStages
        self.hasEnded = hasEnded
    }
}

extension TaskKnowledge {
    /// Takes in what `event` says.
    public mutating func note(_ event: Event) {
        fatalError("unfinished")
    }

    /// What a stored state says: the fields as Redis keeps them, each nil where it has none.
    public init(
        status: [UInt8]?, progress: [UInt8]?, currentStage: [UInt8]?, completedStagesJSON: [UInt8]?, hasEnded: Bool,
        parser: JSONParser
    ) {
        fatalError("unfinished")
    }

    /// ``completedStages`` as the text of a JSON array.
    public var completedStagesJSON: [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.beginArray()
        for stage in completedStages { writer.string(stage) }
        writer.endArray()
        return writer.bytes
    }
}
