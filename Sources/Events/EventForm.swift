package import JSON

/// How an event was written: in the neutral form, or in a client's shape, which workers may publish unchanged.
package struct EventForm {
    /// The kind by its type; a status COMPLETED or FAILED may change it.
    package var kind: Event.Kind
    /// The field that holds the event's fields; nil when the event itself does.
    package var wrapper: StaticString?
    /// The field that names the task in this shape: the channel's id replaces it.
    package var idField: EventField?
    /// A `job_error` does not end the task: a retry may follow.
    package var endsOnFailure = true

    /// The form of the type `word`.
    package init(_ word: JSONValue) {
        if word.isString("progress") {
            self.init(.progress)
        } else if word.isString("stage") {
            self.init(.stage)
        } else if word.isString("completed") {
            self.init(.completed)
        } else if word.isString("failed") {
            self.init(.failed)
        } else if word.isString("taskProgress") || word.isString("taskUpdated") {
            self.init(.progress, wrapper: "payload", idField: .videoId)
        } else if word.isString("taskCompleted") {
            self.init(.completed, wrapper: "payload", idField: .videoId)
        } else if word.isString("taskFailed") {
            self.init(.failed, wrapper: "payload", idField: .videoId)
        } else if word.isString("job_status") {
            self.init(.progress, wrapper: "data", idField: .jobId)
        } else if word.isString("stage_completed") {
            self.init(.stage, wrapper: "data", idField: .jobId)
        } else if word.isString("job_error") {
            self.init(.failed, wrapper: "data", idField: .jobId)
            endsOnFailure = false
        } else {
            self.init(.other(word.string ?? ""))
        }
    }

    package init(_ kind: Event.Kind, wrapper: StaticString? = nil, idField: EventField? = nil) {
        self.kind = kind
        self.wrapper = wrapper
        self.idField = idField
    }
}
