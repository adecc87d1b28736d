import Events

/// Decides how the loop answers a viewer's question about a task: once, with an event, the stored state or what a third
/// party says. A value; ``StatusResponder`` does what it decides.
///
/// An event that arrives first is the answer. The loop asks the third party all the same: what it learns is an event
/// for every viewer.
struct StatusQuestion {
    /// What happened.
    enum Event {
        /// The loop may answer: the viewer waits in the task's channel, or wants no changes.
        case entered
        /// The viewer cannot enter the channel, or the loop cannot get the state.
        case obstructed(Obstacle)
        /// The connection has taken what was sent before.
        case turnCame
        /// The loop has read the state. `mayBeOld`: a third party may know more.
        case found(Delivery, mayBeOld: Bool)
        /// The viewer may not watch the task.
        case hidden
        /// The third party was asked.
        case inquired(mayHaveChanged: Bool)
        /// The stored state was compared with what the viewer's channel has heard.
        case compared(Standing)
        /// The task changed, and this is its state.
        case changed(Delivery)
        /// The event that the answer was to be has not come in time.
        case late
    }

    /// Where the viewer's channel is, as against a stored state.
    enum Standing {
        /// The viewer does not wait in the channel: it gets no changes.
        case apart
        /// The channel has heard the state's last event. Its own state is this one.
        case past(Delivery)
        /// The state's last event is still on its way to the channel: the viewer would get it twice.
        case before
    }

    /// What the loop must do.
    enum Action {
        /// Wait until the viewer's connection has taken what was sent before: ``Event/turnCame``.
        case queue
        /// Read the stored state.
        case read
        /// Ask the third party: ``Event/inquired(mayHaveChanged:)``.
        case inquire
        /// Compare the state with the viewer's channel: ``Event/compared(_:)``.
        case compare(Delivery)
        /// Wait a bounded time for the event that will be the answer: ``Event/late``.
        case awaitEvent
        /// Send the answer. Every later change follows.
        case answer(Delivery)
        /// Send the error. Every later change follows.
        case refuse(Obstacle)
        /// Tell the viewer that it may not watch the task, and nothing more of it.
        case hide
    }

    private enum Phase {
        case entering
        case queued
        case reading
        case inquiring(Delivery)
        /// The third party was asked. The state from before, where that did not change it.
        case queuedAgain(Delivery?)
        case readingAgain
        case comparing(Delivery, mayWait: Bool)
        case awaitingEvent(Delivery)
        case over
    }

    private var phase = Phase.entering
    /// Whether the viewer has its answer, or an error in its place.
    private(set) var isAnswered = false

    /// Decides what to do next; nil for nothing.
    mutating func receive(_ event: Event) -> Action? {
        switch event {
        case .entered: return enter()
        case .turnCame: return takeTurn()
        case .found(let state, let mayBeOld): return find(state, mayBeOld: mayBeOld)
        case .inquired(let mayHaveChanged): return goOn(mayHaveChanged: mayHaveChanged)
        case .compared(let standing): return conclude(standing)
        case .late: return conclude()
        case .changed(let state): return answer { .answer(state) }
        case .obstructed(let obstacle): return end { .refuse(obstacle) }
        case .hidden: return end { .hide }
        }
    }

    private mutating func enter() -> Action? {
        guard case .entering = phase else { return nil }
        phase = .queued
        return .queue
    }

    private mutating func takeTurn() -> Action? {
        switch phase {
        case .queued:
            phase = .reading
            return .read
        case .queuedAgain(let state?): return compare(state, mayWait: true)
        case .queuedAgain(nil):
            phase = .readingAgain
            return .read
        default: return nil
        }
    }

    private mutating func find(_ state: Delivery, mayBeOld: Bool) -> Action? {
        switch phase {
        case .reading where mayBeOld:
            phase = .inquiring(state)
            return .inquire
        case .reading, .readingAgain: return compare(state, mayWait: true)
        default: return nil
        }
    }

    private mutating func goOn(mayHaveChanged: Bool) -> Action? {
        guard case .inquiring(let state) = phase else { return nil }
        guard !isAnswered else { return stop() }
        phase = .queuedAgain(mayHaveChanged ? nil : state)
        return .queue
    }

    private mutating func compare(_ state: Delivery, mayWait: Bool) -> Action? {
        guard !isAnswered else { return stop() }
        phase = .comparing(state, mayWait: mayWait)
        return .compare(state)
    }

    private mutating func conclude(_ standing: Standing) -> Action? {
        guard case .comparing(let state, let mayWait) = phase else { return nil }
        switch standing {
        case .past(let newest): return end { .answer(newest) }
        case .before where mayWait:
            phase = .awaitingEvent(state)
            return .awaitEvent
        case .apart, .before: return end { .answer(state) }
        }
    }

    private mutating func conclude() -> Action? {
        guard case .awaitingEvent(let state) = phase else { return nil }
        return compare(state, mayWait: false)
    }

    /// The viewer had its answer meanwhile.
    private mutating func stop() -> Action? {
        phase = .over
        return nil
    }

    private mutating func end(_ action: () -> Action) -> Action? {
        phase = .over
        return answer(action)
    }

    private mutating func answer(_ action: () -> Action) -> Action? {
        defer { isAnswered = true }
        return isAnswered ? nil : action()
    }
}
