extension Event {
    /// Whether status, progress and stages in the event are the task's: what is refused after its end.
    package var isAboutTask: Bool {
        if case .other = kind { false } else { true }
    }

    /// Whether the event says that the task is going on.
    package var isLive: Bool { kind == .progress || kind == .stage }
}
