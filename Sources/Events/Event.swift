public import JSON

/// A worker's event, read once from what was published.
///
/// One reference, cheap to copy. What an event may leave out is nil here; ``TaskKnowledge`` says what was last known.
/// A field that is `null`, or not of the kind it should be, counts as left out, and so does a word that is empty.
public struct Event: Sendable {
    /// What an event says.
    public enum Kind: Equatable, Sendable {
        case progress, stage, completed, failed
        /// Something of the application's own, by its type.
        case other(String)
    }

    package let content: EventContent

    /// Reads what `object` says, or throws what is wrong with it. Only a task's event names an owner and a team, and may be
    /// the end: elsewhere these fields are the application's.
    public init(_ object: JSONObject, parser: JSONParser, isOfTask: Bool = true) throws(EventError) {
        content = try EventContent(object, parser: parser, isOfTask: isOfTask)
    }

    /// The event as it was published.
    public var object: JSONObject { content.object }
    /// The object that holds the event's fields: the event itself, or the payload of a client shape.
    public var body: JSONObject { content.body }
    /// What the event says.
    public var kind: Kind { content.kind }

    /// The status word, as written.
    public var status: String? { content.status?.string }
    /// The progress: a number.
    public var progress: JSONValue? { content.number(.progress) }
    /// The stage being worked on: `currentStage`, else `currentStep`.
    public var currentStage: String? { content.currentStage?.string }
    /// The stages that are done.
    public var completedStages: [String]? { content.value(.completedStages, .array)?.strings }
    /// The stage that a stage event says is done.
    public var stage: String? { content.string(.stage) }
    /// The stage that follows it.
    public var nextStage: String? { content.word(.nextStage)?.string }
    /// What it says to people; empty where it takes back what was said.
    public var message: String? { content.string(.message) }
    /// How many steps the task has: a number.
    public var totalSteps: JSONValue? { content.number(.totalSteps) }
    /// How many seconds are left: a number.
    public var timeRemaining: JSONValue? { content.number(.estimatedTimeRemaining) }
    /// The event's own time in milliseconds since the epoch: `timestamp`, when it is ISO 8601 or an integer.
    public var timestamp: Int64? { content.timestamp }
    /// What a failed event says went wrong.
    public var failure: Failure? { content.failure }
    /// Whose task it is.
    public var owner: Identifier? { content.owner }
    /// The team whose members follow the task.
    public var team: Identifier? { content.team }

    /// Whether the task has ended with this event.
    public var isTerminal: Bool { content.isTerminal }
    /// Whether the event becomes the task's state.
    public var isStateBearing: Bool {
        switch kind {
        case .progress, .completed, .failed: true
        case .stage, .other: false
        }
    }
    /// Whether the event makes a task live again that had ended.
    public var isRestart: Bool { content.isRestart }
    /// Whether clients that can are to acknowledge it.
    public var needsAcknowledgement: Bool { object["ack"]?.bool == true }
    /// Whether a newer event of the same task makes this one void where it still waits.
    public var isConflatable: Bool { kind == .progress && !isRestart }
}
