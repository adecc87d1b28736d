extension Event {
    /// Whether the event's status, progress and stages are the task's: such an event is refused after the task's end.
    package var isAboutTask: Bool {
        if case .other = kind { false } else { true }
    }

    /// Whether the event says that the task is going on.
    package var isLive: Bool { kind == .progress || kind == .stage }
}
