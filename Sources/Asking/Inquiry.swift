import Events
import HTTPClient
import JSON
import Settings
import Store

/// One inquiry about a task: from the first viewer that asks to the answer that all viewers get who asked meanwhile. It
/// decides what to do next; the caller does it.
package struct Inquiry {
    /// The outcome for a viewer that knows the stored state from before.
    package enum Outcome: Equatable {
        /// No third party was asked: the stored state is all there is.
        case notAsked
        /// No third party will be asked: the task has ended, is gone, or has none.
        case nobodyToAsk
        /// The stored state may have changed.
        case mayHaveChanged
    }

    /// What happened.
    enum Event {
        /// Redis answered whether this node may ask; nil where Redis did not answer.
        case turn(BeginInquiryScript.Turn?)
        /// The pause is over.
        case pauseOver
        /// The third party answered, or did not.
        case answered(UpstreamOutcome)
        /// Redis stored the end, or could not.
        case settled
    }

    /// What the caller has to do.
    enum Action: Equatable {
        /// Ask Redis whether this node may ask. `isEager`: an answer from a moment ago is too old.
        case begin(isEager: Bool)
        /// Begin again after so many milliseconds.
        case pause(UInt64)
        /// Ask the third party.
        case get(url: String, authorization: String)
        /// Count and log that the third party could not be asked, or gave no usable answer.
        case report(Trouble)
        /// Store the end, and publish the news.
        case settle(Settlement)
        /// Answer all waiting viewers.
        case end(Outcome)
    }

    /// Why there is no answer of the third party.
    enum Trouble: Equatable {
        /// The task was registered under other settings: its third party is not one of this node's.
        case notOurs
        /// It did not answer, or its answer was bad. `party` may be logged.
        case noAnswer(party: String, reason: String)
    }

    /// What Redis stores at the end.
    struct Settlement: Equatable {
        /// The task's position when the third party was asked: its answer is published only if no event came meanwhile.
        let epoch: String
        let stateSequence: String
        /// Whether the third party was asked, so that its answer can serve others for a moment.
        let outcome: Outcome
        /// The news; nil where there is none.
        let event: [UInt8]?
        /// Milliseconds until the next poll.
        let nextMilliseconds: Int
    }

    private enum State {
        case taking
        case pausing
        case asking(BeginInquiryScript.Question, known: TaskKnowledge, party: UpstreamEndpoint)
        case settling(Outcome)
        case ended
    }

    private var state = State.taking
    private let startedAt: UInt64
    /// Whether an answer from a moment ago is too old.
    private(set) var isEager: Bool

    init(isEager: Bool, now: UInt64) {
        self.isEager = isEager
        startedAt = now
    }

    /// What to do first.
    var first: Action { .begin(isEager: isEager) }

    /// Another viewer asks while this inquiry is under way.
    mutating func join(isEager more: Bool) { isEager = isEager || more }

    mutating func receive(_ event: Event, now: UInt64, rules: InquiryRules) -> [Action] {
        switch (state, event) {
        case (.taking, .turn(let turn)): return take(turn, now, rules)
        case (.pausing, .pauseOver):
            state = .taking
            return [first]
        case (.asking(let question, let known, let party), .answered(let outcome)):
            return receive(outcome, of: party, question, known, rules)
        case (.settling(let outcome), .settled): return end(outcome)
        case (.taking, _), (.pausing, _), (.asking, _), (.settling, _), (.ended, _): return []
        }
    }

    private mutating func take(_ turn: BeginInquiryScript.Turn?, _ now: UInt64, _ rules: InquiryRules) -> [Action] {
        let limits = rules.limits
        switch turn {
        case nil: return end(.notAsked)
        case .some(.none): return end(.nobodyToAsk)
        case .fresh: return end(.mayHaveChanged)
        case .wait(let milliseconds):
            // An answer that others get meanwhile is new enough.
            isEager = false
            return pause(min(milliseconds, limits.freshMilliseconds) + limits.freshMarginMilliseconds)
        case .busy:
            let isLate = now - startedAt > limits.turnMilliseconds + limits.freshMilliseconds
            return isLate ? end(.mayHaveChanged) : pause(limits.retryMilliseconds)
        case .ask(let question): return ask(question, rules)
        }
    }

    private mutating func ask(_ question: BeginInquiryScript.Question, _ rules: InquiryRules) -> [Action] {
        guard let known = rules.knowledge(in: question), ThirdPartyStatus.isAwaited(known.status) else {
            return [settle(question, .notAsked, nextMilliseconds: rules.limits.pollMilliseconds)]
        }
        guard let party = rules.party(at: question.address) else {
            let settle = settle(question, .notAsked, nextMilliseconds: rules.limits.takeoverMilliseconds)
            return [.report(.notOurs), settle]
        }
        state = .asking(question, known: known, party: party)
        return [.get(url: party.statusURL(of: question.externalID), authorization: question.apiKey)]
    }

    private mutating func receive(
        _ outcome: UpstreamOutcome, of party: UpstreamEndpoint, _ question: BeginInquiryScript.Question,
        _ known: TaskKnowledge, _ rules: InquiryRules
    ) -> [Action] {
        var event: [UInt8]?
        var actions: [Action] = []
        do throws(InquiryFailure) {
            event = try rules.status(in: outcome).event(after: known)
        } catch {
            actions = [.report(.noAnswer(party: party.origin, reason: error.reason))]
        }
        let next = rules.limits.pollMilliseconds
        return actions + [settle(question, .mayHaveChanged, event: event, nextMilliseconds: next)]
    }

    private mutating func settle(
        _ question: BeginInquiryScript.Question, _ outcome: Outcome, event: [UInt8]? = nil, nextMilliseconds: Int
    ) -> Action {
        state = .settling(outcome)
        return .settle(
            Settlement(
                epoch: question.epoch, stateSequence: question.stateSequence, outcome: outcome, event: event,
                nextMilliseconds: nextMilliseconds))
    }

    private mutating func pause(_ milliseconds: UInt64) -> [Action] {
        state = .pausing
        return [.pause(milliseconds)]
    }

    private mutating func end(_ outcome: Outcome) -> [Action] {
        state = .ended
        return [.end(outcome)]
    }
}
