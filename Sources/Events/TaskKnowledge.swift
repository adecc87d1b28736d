public import JSON

/// The last value of each field of a channel, for events that leave it out.
///
/// A progress event after an end (a restart, or the retry of a failure) starts anew: the fields of the old end are
/// forgotten, and with a restart all others too. `Publishing.lua` has the same rules in Lua; one table in the tests
/// runs through both.
public struct TaskKnowledge: Sendable, Equatable {
    /// The last status, as the worker wrote it.
    public private(set) var status: String?
    /// The last progress, as JSON text of a number.
    public private(set) var progress: String?
    /// The current stage.
    public private(set) var currentStage: String?
    /// The completed stages, in order.
    public private(set) var completedStages: [String]
    /// Whether the task has ended: only a restart is accepted then.
    public private(set) var hasEnded: Bool
    /// When the last event was published, milliseconds since 1970; 0 where that is unknown.
    private var lastMilliseconds: Int64 = 0
    /// Fields that few events have. Behind a reference: a channel holds its knowledge several times.
    private var rest: Rest?

    private final class Rest: Sendable {
        let values: Values
        init(_ values: Values) { self.values = values }
    }

    private struct Values: Equatable {
        var message: String?
        var totalSteps: String?
        var timeRemaining: String?
        var startedAt: Int64?
    }

    /// Longer statuses are passed on with their event, and not kept.
    public static let maxStatusBytes = 64

    /// Knowledge of these values, by default of none. Numbers that are not valid JSON count as missing.
    public init(
        status: String? = nil, progress: String? = nil, currentStage: String? = nil, completedStages: [String] = [],
        hasEnded: Bool = false, message: String? = nil, totalSteps: String? = nil, timeRemaining: String? = nil,
        startedAt: Int64? = nil, updatedAt: Int64? = nil
    ) {
        self.status = status
        self.progress = Self.number(progress)
        self.currentStage = currentStage
        self.completedStages = CompletedStages.bounded(completedStages)
        self.hasEnded = hasEnded
        lastMilliseconds = updatedAt ?? 0
        set(
            Values(
                message: message, totalSteps: Self.number(totalSteps), timeRemaining: Self.number(timeRemaining),
                startedAt: startedAt))
    }

    /// Whether both know the same.
    public static func == (one: Self, other: Self) -> Bool {
        one.status == other.status && one.progress == other.progress && one.currentStage == other.currentStage
            && one.completedStages == other.completedStages && one.hasEnded == other.hasEnded
            && one.lastMilliseconds == other.lastMilliseconds && one.values == other.values
    }

    /// The worker's last text.
    public var message: String? { rest?.values.message }
    /// The number of steps, as JSON text of a number.
    public var totalSteps: String? { rest?.values.totalSteps }
    /// The seconds that are left, as JSON text of a number, as the worker wrote it.
    public var timeRemaining: String? { rest?.values.timeRemaining }
    /// When the task began, milliseconds since 1970.
    public var startedAt: Int64? { rest?.values.startedAt }
    /// When the last event was published, milliseconds since 1970.
    public var updatedAt: Int64? { lastMilliseconds > 0 ? lastMilliseconds : nil }

    private var values: Values { rest?.values ?? Values() }

    private mutating func set(_ values: Values) {
        guard values != self.values else { return }
        rest = values == Values() ? nil : Rest(values)
    }

    private static func number(_ text: String?) -> String? { text.flatMap { JSONNumber.isValid($0) ? $0 : nil } }

    /// A number as it is kept: as written.
    public static func text(ofNumber value: JSONValue) -> String { String(decoding: value.raw, as: UTF8.self) }

    /// Whether a status is kept: the header of an envelope also carries it, between tabs.
    public static func isKept(status word: String) -> Bool {
        !word.isEmpty && word.utf8.count <= maxStatusBytes && word.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}

extension TaskKnowledge {
    /// Applies `event`, published at `milliseconds`. `isFirst`: no event came before it.
    public mutating func apply(_ event: Event, at milliseconds: Int64? = nil, isFirst: Bool = false) {
        if event.isRestart { self = TaskKnowledge() }
        if event.isRestart || isFirst && startedAt == nil {
            var values = values
            values.startedAt = milliseconds
            set(values)
        }
        if let milliseconds { lastMilliseconds = max(lastMilliseconds, milliseconds) }
        if case .other = event.kind { return }
        applyRest(event)
        applyStages(event)
        if let progress = event.progress.map(Self.text(ofNumber:)) { self.progress = progress }
        switch event.kind {
        case .progress, .stage: status = status(after: event)
        case .completed:
            status = "COMPLETED"
            progress = "100"
        case .failed: status = "FAILED"
        case .other: break
        }
        if event.isStateBearing { hasEnded = event.isTerminal }
    }

    /// A task that goes on is no longer queued, and no longer ended.
    private func status(after event: Event) -> String? {
        if let word = event.status, Self.isKept(status: word) { return word }
        return switch status.flatMap({ StatusWord($0) }) {
        case .completed, .failed: nil
        case .queued: "RUNNING"
        case .processing, nil: status
        }
    }

    private mutating func applyRest(_ event: Event) {
        var values = values
        if !event.isLive {
            values.timeRemaining = nil
        } else if status.flatMap({ StatusWord($0) })?.isFinal == true {
            values.timeRemaining = nil
            values.message = nil
        }
        if let text = event.message { values.message = text.isEmpty ? nil : text }
        if let total = event.totalSteps.map(Self.text(ofNumber:)) { values.totalSteps = total }
        if event.isLive, let left = event.timeRemaining.map(Self.text(ofNumber:)) { values.timeRemaining = left }
        set(values)
    }

    private mutating func applyStages(_ event: Event) {
        if let stages = event.completedStages { completedStages = CompletedStages.bounded(stages) }
        if let stage = event.currentStage { currentStage = stage }
        guard event.kind == .stage else { return }
        if let done = event.stage { CompletedStages.add(done, to: &completedStages) }
        if let next = event.nextStage { currentStage = next }
    }
}

extension TaskKnowledge {
    /// The knowledge in a stored state: the fields as Redis keeps them, each nil where it has none. Values of the wrong
    /// form count as missing.
    public init(_ stored: StoredFields, hasEnded: Bool, parser: JSONParser) {
        func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
        self.init(
            status: text(stored.status), progress: text(stored.progress), currentStage: text(stored.currentStage),
            completedStages: stored.completedStages.flatMap { (try? parser.value($0))?.strings } ?? [],
            hasEnded: hasEnded, message: text(stored.message).flatMap { $0.isEmpty ? nil : $0 },
            totalSteps: text(stored.totalSteps), timeRemaining: text(stored.timeRemaining),
            startedAt: stored.startedAt, updatedAt: stored.updatedAt)
    }

    /// The fields of a task as Redis keeps them; nil for those that it does not have.
    public struct StoredFields: Sendable, Equatable {
        /// The status, in the worker's own word.
        public var status: [UInt8]?
        /// The progress, JSON text.
        public var progress: [UInt8]?
        /// The current stage.
        public var currentStage: [UInt8]?
        /// The completed stages, as a JSON array.
        public var completedStages: [UInt8]?
        /// The text; empty where the worker took it back.
        public var message: [UInt8]?
        /// The number of steps, JSON text.
        public var totalSteps: [UInt8]?
        /// The seconds that are left, JSON text.
        public var timeRemaining: [UInt8]?
        /// When the task began, milliseconds since 1970.
        public var startedAt: Int64?
        /// When the last event was published, milliseconds since 1970.
        public var updatedAt: Int64?

        /// No fields.
        public init() {}
    }

    /// Takes what a history says was known with an event; other fields stay. `hasEnded` is not part of it.
    public mutating func take(
        progress: [UInt8]?, status: [UInt8]?, currentStage: String?, completedStages: [UInt8]?, parser: JSONParser
    ) {
        self.status = status.map { String(decoding: $0, as: UTF8.self) }
        self.progress = Self.number(progress.map { String(decoding: $0, as: UTF8.self) })
        self.currentStage = currentStage
        self.completedStages = CompletedStages.bounded(
            completedStages.flatMap { (try? parser.value($0))?.strings } ?? [])
    }

    /// ``completedStages`` as the text of a JSON array.
    public var completedStagesJSON: [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.strings(completedStages)
        return writer.bytes
    }
}
