package import Events

/// The arguments of `PublishArguments.lua`: the batch's channel, and the facts of each event. Scripts that publish on a
/// condition take the same arguments.
package struct PublishArguments: Sendable {
    /// One event of a batch: its JSON as published, and its facts.
    package typealias Entry = (json: [UInt8], event: Event)

    /// Where the run id stands among them, from 0.
    static let runIDPlace = 1

    /// The batch first, then the facts of each event, in the order in which the script reads them.
    let words: [[UInt8]]

    /// Publishes `batch` to `channel`. `runID` names the Redis that the node writes to.
    package init(_ batch: [Entry], to channel: ChannelName, runID: String, limits: HistoryLimits, naming: Naming) {
        let head = [
            naming.channel(channel.text), runID, "\(limits.entries)", "\(limits.bytes)", "\(limits.timeToLive)",
            naming.channelPrefix,
        ]
        words = batch.reduce(into: [[UInt8]](words: head)) { words, entry in words += Self.describe(entry) }
    }

    private static func describe(_ entry: Entry) -> [[UInt8]] {
        let event = entry.event
        let flags = (event.isTerminal ? "e" : "") + (event.isRestart ? "r" : "")
        let owners = [
            event.owner?.text, event.team?.text, event.progress.map(TaskKnowledge.text(ofNumber:)),
            event.status.flatMap { TaskKnowledge.isKept(status: $0) ? $0 : nil },
            event.totalSteps.map(TaskKnowledge.text(ofNumber:)),
            event.timeRemaining.map(TaskKnowledge.text(ofNumber:)),
            event.message, event.message == nil ? nil : "m",
        ].map { Array(($0 ?? "").utf8) }
        if case .other = event.kind { return [entry.json, Array("o".utf8), Array(flags.utf8), [], [], []] + owners }
        let stages = event.completedStages.map { TaskKnowledge(completedStages: $0).completedStagesJSON }
        return [
            entry.json, [letter(of: event.kind)], Array(flags.utf8),
            Array((current(event) ?? "").utf8), stages ?? [], Array((done(event) ?? "").utf8),
        ] + owners
    }

    /// The current stage after the event.
    private static func current(_ event: Event) -> String? {
        event.kind == .stage ? event.nextStage ?? event.currentStage : event.currentStage
    }

    /// The stage that the event completes; `job_error` has a field of that name with another meaning.
    private static func done(_ event: Event) -> String? { event.kind == .stage ? event.stage : nil }

    private static func letter(of kind: Event.Kind) -> UInt8 {
        switch kind {
        case .progress: UInt8(ascii: "p")
        case .stage: UInt8(ascii: "s")
        case .completed: UInt8(ascii: "c")
        case .failed: UInt8(ascii: "f")
        case .other: UInt8(ascii: "o")
        }
    }
}
