public import JSON

extension TaskState {
    /// Whether an object has the shape of a task's state.
    public static func isOne(_ object: JSONObject) -> Bool { object["task_id"] != nil && object["state"] != nil }

    /// A task's state, read from its JSON, to continue from.
    public struct Reading: Sendable {
        /// The last value of each field.
        public let knowledge: TaskKnowledge
        /// The last event that tells how the task stands.
        public let event: Event?

        /// Reads `object`; nil where it has another shape.
        public init?(_ object: JSONObject, parser: JSONParser) {
            guard TaskState.isOne(object) else { return nil }
            func number(_ key: StaticString) -> String? {
                object[key].flatMap { $0.kind == .number ? String(decoding: $0.raw, as: UTF8.self) : nil }
            }
            func time(_ key: StaticString) -> Int64? { object[key].flatMap(Timestamp.milliseconds) }
            event = object["state"]?.object(parser).flatMap { try? Event($0, parser: parser) }
            knowledge = TaskKnowledge(
                status: object["status"]?.string, progress: number("progress"),
                currentStage: object["current_stage"]?.string,
                completedStages: object["completed_stages"]?.strings ?? [], hasEnded: time("ended_at") != nil,
                message: object["message"]?.string,
                totalSteps: event?.totalSteps.map(TaskKnowledge.text(ofNumber:)),
                timeRemaining: number("estimated_time_remaining"), startedAt: time("started_at"),
                updatedAt: time("updated_at"))
        }
    }
}
