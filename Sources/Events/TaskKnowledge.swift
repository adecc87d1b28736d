public import JSON

/// What was said last of each field of a channel: what an event leaves out is what was last known.
///
/// A progress event after an end (a restart, or the retry of what failed) begins anew: what the old end said of itself is
/// forgotten, and with a restart everything else too. `PublishCore` says the same in Lua; both run through one table in
/// the tests.
public struct TaskKnowledge: Sendable, Equatable {
    /// The last status word, as the worker wrote it.
    public private(set) var status: String?
    /// The last progress, as JSON text of a number.
    public private(set) var progress: String?
    /// The stage being worked on.
    public private(set) var currentStage: String?
    /// The stages that are done, in order.
    public private(set) var completedStages: [String]
    /// Whether the task has ended: only a restart is accepted then.
    public private(set) var hasEnded: Bool
    /// When the last event was published, milliseconds since 1970; 0 where that is not known.
    private var lastMilliseconds: Int64 = 0
    /// What few events say. Behind a reference: a channel holds what it knows several times over.
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

    /// Longer status words are told with their event, and not remembered.
    public static let maxStatusBytes = 64

    /// What is given; by default nothing. Numbers that are no JSON numbers count as missing.
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

    /// Whether the same is known.
    public static func == (one: Self, other: Self) -> Bool {
        one.status == other.status && one.progress == other.progress && one.currentStage == other.currentStage
            && one.completedStages == other.completedStages && one.hasEnded == other.hasEnded
            && one.lastMilliseconds == other.lastMilliseconds && one.values == other.values
    }

    /// What the worker said last, in words.
    public var message: String? { rest?.values.message }
    /// How many steps there are, as JSON text of a number.
    public var totalSteps: String? { rest?.values.totalSteps }
    /// How many seconds are left, as JSON text of a number, as the worker said it.
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

    /// A number as it is remembered: as it was written.
    public static func text(ofNumber value: JSONValue) -> String { String(decoding: value.raw, as: UTF8.self) }

    /// Whether a status word is remembered: it also stands in the header of an envelope, between tabs.
    public static func isKept(status word: String) -> Bool {
        !word.isEmpty && word.utf8.count <= maxStatusBytes && word.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}

extension TaskKnowledge {
    /// Takes in what `event` says, published at `milliseconds`. `isFirst`: nothing was ever published before it.
    public mutating func note(_ event: Event, at milliseconds: Int64? = nil, isFirst: Bool = false) {
        if event.isRestart { self = TaskKnowledge() }
        if event.isRestart || isFirst && startedAt == nil {
            var values = values
            values.startedAt = milliseconds
            set(values)
        }
        if let milliseconds { lastMilliseconds = max(lastMilliseconds, milliseconds) }
        if case .other = event.kind { return }
        noteRest(event)
        noteStages(event)
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

    /// What goes on is no longer queued, and no longer at an end.
    private func status(after event: Event) -> String? {
        if let word = event.status, Self.isKept(status: word) { return word }
        return switch status.flatMap({ StatusWord($0.utf8) }) {
        case .completed, .failed: nil
        case .queued: "RUNNING"
        case .processing, nil: status
        }
    }

    private mutating func noteRest(_ event: Event) {
        var values = values
        if !event.isLive {
            values.timeRemaining = nil
        } else if status.flatMap({ StatusWord($0.utf8) })?.isFinal == true {
            values.timeRemaining = nil
            values.message = nil
        }
        if let text = event.message { values.message = text.isEmpty ? nil : text }
        if let total = event.totalSteps.map(Self.text(ofNumber:)) { values.totalSteps = total }
        if event.isLive, let left = event.timeRemaining.map(Self.text(ofNumber:)) { values.timeRemaining = left }
        set(values)
    }

    private mutating func noteStages(_ event: Event) {
        if let stages = event.completedStages { completedStages = CompletedStages.bounded(stages) }
        if let stage = event.currentStage { currentStage = stage }
        guard event.kind == .stage else { return }
        if let done = event.stage { CompletedStages.add(done, to: &completedStages) }
        if let next = event.nextStage { currentStage = next }
    }
}

extension TaskKnowledge {
    /// What a stored state says: the fields as Redis keeps them, each nil where it has none. What is not of the right form
    /// counts as missing.
    public init(_ stored: StoredFields, hasEnded: Bool, parser: JSONParser) {
        func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
        self.init(
            status: text(stored.status), progress: text(stored.progress), currentStage: text(stored.currentStage),
            completedStages: stored.completedStages.flatMap { (try? parser.value($0))?.strings } ?? [],
            hasEnded: hasEnded, message: text(stored.message).flatMap { $0.isEmpty ? nil : $0 },
            totalSteps: text(stored.totalSteps), timeRemaining: text(stored.timeRemaining),
            startedAt: stored.startedAt, updatedAt: stored.updatedAt)
    }

    /// The fields of a task as Redis keeps them; nil for what it does not have.
    public struct StoredFields: Sendable, Equatable {
        /// The status word.
        public var status: [UInt8]?
        /// The progress, JSON text.
        public var progress: [UInt8]?
        /// The stage being worked on.
        public var currentStage: [UInt8]?
        /// The stages that are done, as a JSON array.
        public var completedStages: [UInt8]?
        /// The message; empty where it was taken back.
        public var message: [UInt8]?
        /// How many steps there are, JSON text.
        public var totalSteps: [UInt8]?
        /// How many seconds are left, JSON text.
        public var timeRemaining: [UInt8]?
        /// When the task began, milliseconds since 1970.
        public var startedAt: Int64?
        /// When the last event was published, milliseconds since 1970.
        public var updatedAt: Int64?

        /// Nothing.
        public init() {}
    }

    /// What a history says was known with an event; the rest stays as it is. `hasEnded` is not in it.
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
