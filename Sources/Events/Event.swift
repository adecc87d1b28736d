public import JSON

/// A worker's event, read once from the published JSON.
///
/// One reference, cheap to copy. Fields that an event leaves out are nil here; ``TaskKnowledge`` has their last values.
/// A field that is `null` or of the wrong kind counts as left out, and so does an empty string in a field of one word.
public struct Event: Sendable {
    /// The kinds of events.
    public enum Kind: Equatable, Sendable {
        case progress, stage, completed, failed
        /// A type of the application's own.
        case other(String)
    }

    package let content: EventContent

    /// Reads `object`, or throws what is wrong with it. Only a task's event names an owner and a team, and may be the
    /// end: in other channels these fields are the application's.
    public init(_ object: JSONObject, parser: JSONParser, isOfTask: Bool = true) throws(EventError) {
        content = try EventContent(object, parser: parser, isOfTask: isOfTask)
    }

    /// The event as published.
    public var object: JSONObject { content.object }
    /// The object that holds the event's fields: the event itself, or the payload of a client shape.
    public var body: JSONObject { content.body }
    /// The event's kind.
    public var kind: Kind { content.kind }

    /// The status, as written.
    public var status: String? { content.status?.string }
    /// The progress: a number.
    public var progress: JSONValue? { content.number(.progress) }
    /// The current stage: `currentStage`, else `currentStep`.
    public var currentStage: String? { content.currentStage?.string }
    /// The completed stages.
    public var completedStages: [String]? { content.value(.completedStages, .array)?.strings }
    /// The stage that a stage event completes.
    public var stage: String? { content.string(.stage) }
    /// The stage that follows it.
    public var nextStage: String? { content.word(.nextStage)?.string }
    /// The text for people; empty where the event takes back the last one.
    public var message: String? { content.string(.message) }
    /// The number of the task's steps: a number.
    public var totalSteps: JSONValue? { content.number(.totalSteps) }
    /// The seconds that are left: a number.
    public var timeRemaining: JSONValue? { content.number(.estimatedTimeRemaining) }
    /// The event's own time in milliseconds since the epoch: `timestamp`, when it is ISO 8601 or an integer.
    public var timestamp: Int64? { content.timestamp }
    /// The error of a failed event.
    public var failure: Failure? { content.failure }
    /// The task's owner.
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
    /// Whether the event restarts a task that had ended.
    public var isRestart: Bool { content.isRestart }
    /// Whether clients that can must acknowledge it.
    public var needsAcknowledgement: Bool { object["ack"]?.bool == true }
    /// Whether a newer event of the same task may replace this one in an outbox.
    public var isConflatable: Bool { kind == .progress && !isRestart }
}
