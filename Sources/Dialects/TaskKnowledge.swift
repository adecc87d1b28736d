public import JSON

/// What is known of a channel beside its last event: what an event leaves out is what was last known.
///
/// A progress event after an end (a restart, or the retry of what failed) begins anew: the old end's status is
/// forgotten, and with a restart everything else too.
public struct TaskKnowledge: Sendable, Equatable {
    /// The last status word, as the worker wrote it.
    public var status: String?
    /// The last progress, as JSON text of a number.
    public private(set) var progress: String?
    /// The stage being worked on.
    public var currentStage: String?
    /// The stages that are done, in order.
    public var completedStages: [String]
    /// Whether the task has ended: only a restart is accepted then.
    public var hasEnded: Bool

    /// What is given; by default nothing. A `progress` that is no JSON number counts as missing.
    public init(
        status: String? = nil, progress: String? = nil, currentStage: String? = nil, completedStages: [String] = [],
        hasEnded: Bool = false
    ) {
        self.status = status
        self.progress = progress.flatMap { JSONNumber.isValid($0) ? $0 : nil }
        self.currentStage = currentStage
        self.completedStages = completedStages
        self.hasEnded = hasEnded
    }

    /// Takes in what `event` says. Events of the application's own say nothing here.
    public mutating func note(_ event: Event) {
        if event.isRestart { self = TaskKnowledge() }
        if case .other = event.kind { return }
        noteStages(event)
        if let progress = event.progress { self.progress = String(decoding: progress.raw, as: UTF8.self) }
        switch event.kind {
        case .progress, .stage:
            status = event.status ?? status.flatMap { StatusWord($0.utf8)?.isFinal == true ? nil : $0 }
        case .completed:
            status = "COMPLETED"
            progress = "100"
        case .failed: status = "FAILED"
        case .other: break
        }
        if event.isStateBearing { hasEnded = event.isTerminal }
    }

    private mutating func noteStages(_ event: Event) {
        if let stages = event.completedStages { completedStages = stages }
        if let stage = event.currentStage { currentStage = stage }
        guard event.kind == .stage else { return }
        if let done = event.stage, !completedStages.contains(done) { completedStages.append(done) }
        if let next = event.nextStage { currentStage = next }
    }
}

extension TaskKnowledge {
    /// What a stored state says: the fields as Redis keeps them, each nil where it has none. What is not of the right form
    /// counts as missing.
    public init(
        status: [UInt8]?, progress: [UInt8]?, currentStage: [UInt8]?, completedStagesJSON: [UInt8]?, hasEnded: Bool,
        parser: JSONParser
    ) {
        self.init(
            status: status.map { String(decoding: $0, as: UTF8.self) },
            progress: progress.map { String(decoding: $0, as: UTF8.self) },
            currentStage: currentStage.map { String(decoding: $0, as: UTF8.self) },
            completedStages: completedStagesJSON.flatMap { (try? parser.value($0))?.strings } ?? [],
            hasEnded: hasEnded)
    }

    /// ``completedStages`` as the text of a JSON array.
    public var completedStagesJSON: [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.strings(completedStages)
        return writer.bytes
    }
}
