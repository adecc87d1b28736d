import Events
import HTTPClient
import JSON
import Settings
import Store

/// One inquiry about a task: from the first viewer that asks how the task stands to the answer that all get who have asked
/// meanwhile. It decides what to do next; the caller does it.
package struct Inquiry {
    /// What came of an inquiry, for one who knows the stored state as it was before.
    package enum Outcome: Equatable {
        /// Nobody was asked: what is known is all there is.
        case notAsked
        /// Nor will anybody be: the task has ended, is gone, or has no third party.
        case nobodyToAsk
        /// The stored state may have changed.
        case mayHaveChanged
    }

    /// What happens.
    enum Event {
        /// Redis has said whose turn it is; nil where it did not answer.
        case turn(BeginInquiryScript.Turn?)
        /// The pause is over.
        case pauseOver
        /// The third party has answered, or has not.
        case answered(UpstreamOutcome)
        /// The end is stored, or could not be.
        case settled
    }

    /// What the caller has to do.
    enum Action: Equatable {
        /// Ask Redis whose turn it is. `isEager`: an answer that came a moment ago will not do.
        case begin(isEager: Bool)
        /// Begin again after so many milliseconds.
        case pause(UInt64)
        /// Ask the third party.
        case get(url: String, authorization: String)
        /// Count and say that the third party could not be asked, or gave no usable answer.
        case report(Trouble)
        /// Store the end, and publish what is new.
        case settle(Settlement)
        /// Tell all who wait.
        case end(Outcome)
    }

    /// Why the third party has said nothing.
    enum Trouble: Equatable {
        /// The task was registered under other settings: its third party is none of this node's.
        case notOurs
        /// It did not answer, or not as it should. `party` may be logged.
        case noAnswer(party: String, reason: String)
    }

    /// What is stored at the end.
    struct Settlement: Equatable {
        /// Where the task stood when the third party was asked: what it says is told only if nothing was told meanwhile.
        let epoch: String
        let stateSequence: String
        /// Whether the third party was asked, so that its answer serves others for a moment.
        let outcome: Outcome
        /// What is new; nil where nothing is.
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
    /// Whether an answer just given to others is not fresh enough.
    private(set) var isEager: Bool

    init(isEager: Bool, now: UInt64) {
        self.isEager = isEager
        startedAt = now
    }

    /// What to do first.
    var first: Action { .begin(isEager: isEager) }

    /// Another viewer asks while this one is under way.
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
            // An answer that others get meanwhile is fresh enough.
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
