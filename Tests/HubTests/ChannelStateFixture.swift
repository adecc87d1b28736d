import Dialects
import Events

@testable import Hub

/// One channel's state, with short words for events and effects.
struct DecidingChannel {
    var state: ChannelState
    let resources: ChannelResources
    private(set) var lastQuestion: ChannelQuestion?

    init(_ name: ChannelName = .task(Identifier("t")!), limits: ChannelLimits = ChannelLimits()) {
        state = ChannelState(name: name)
        resources = ChannelResources(
            reader: EventReader(maxBytes: 65_536, maxDepth: 64), memory: RecentMemory(maxBytes: 1 << 20),
            limits: limits)
    }

    /// Milliseconds of the loop.
    var now: UInt64 = 1_000
    var hasMembers = true

    // MARK: What happens

    mutating func receive(_ payload: String) -> String {
        describe(
            Array(payload.utf8).withUnsafeBytes { state.receive($0, at: 7, using: resources) })
    }

    mutating func read() -> String {
        describe(state.read(at: now, hasMembers: hasMembers, using: resources))
    }

    mutating func didRead(_ answer: ChannelAnswer, to question: ChannelQuestion? = nil) -> String {
        let question = question ?? lastQuestion ?? ChannelQuestion(number: 0, since: nil)
        return describe(state.didRead(answer, to: question, at: 7, using: resources))
    }

    /// A channel that is subscribed and read: it stands at `top`.
    mutating func goLive(at top: UInt64?, state json: String? = nil) {
        hasMembers = false
        _ = describe(state.didSubscribe(hasMembers: false))
        _ = read()
        _ = didRead(.standing(at: top, state: json))
        hasMembers = true
        _ = describe(state.willSeat(Newcomer(since: nil), isFirst: true))
        now += 1_000
    }

    // MARK: What is decided

    /// The effects in short words, in order. A question is kept, so that the test can answer it.
    mutating func describe(_ effects: ChannelEffects) -> String {
        var words: [String] = []
        effects.forEach { effect in
            if case .ask(let question) = effect { lastQuestion = question }
            words.append(effect.short)
        }
        return words.joined(separator: ", ")
    }
}

extension ChannelEffect {
    /// The effect in short words.
    var short: String {
        switch self {
        case .tell(let delivery): "tell \(delivery.short)"
        case .tellNews(let delivery): "news \(delivery.short)"
        case .tellMissed(let count, let position): "missed \(count) to \(position.sequence)"
        case .answerQuestions: "answer"
        case .expectAcknowledgements: "acknowledge"
        case .putOutStrangers: "owner"
        case .setAside(let place): "set aside \(place.since.epoch):\(place.since.sequence)"
        case .letIn: "let in"
        case .refuseWaiting: "refuse"
        case .flush: "flush"
        case .read: "read"
        case .readOn: "read on"
        case .ask(let question): question.since.map { "ask \($0.epoch):\($0.sequence)" } ?? "ask place"
        case .begin(let timer, let milliseconds): "\(timer) in \(milliseconds)"
        case .cancel(let timer): "no \(timer)"
        case .count(.forged): "forged"
        case .count(.invalid): "invalid"
        case .count(.afterEnd): "after end"
        case .countBehind: "behind"
        case .announcementsMissed: "announcements"
        case .close: "close"
        }
    }
}

extension Delivery {
    /// The delivery in short words: a state, its number or `plain`, its epoch mark and the gap before it.
    var short: String {
        let mark = epochMark == .changed ? " anew" : epochMark == .first ? " first" : ""
        let gap = missed > 0 ? " -\(missed)" : ""
        return (isSnapshot ? "state " : "") + (position.map { "\($0.sequence)" } ?? "plain") + mark + gap
    }
}

extension ChannelState.Entrance {
    /// The entrance in short words.
    var short: String {
        switch self {
        case .wait: "wait"
        case .pace: "pace"
        case .enter(let recovered): "enter" + (recovered.map { " \($0)" } ?? "")
        case .replay(let messages, let reach): "replay \(messages.count) to \(reach.sequence)"
        case .readHistory(let since): "history \(since.epoch):\(since.sequence)"
        case .readHistoryLater(let since): "history later \(since.epoch):\(since.sequence)"
        case .askAgain: "ask again"
        case .refuse: "refuse"
        }
    }
}

extension ChannelAnswer {
    /// A channel that stands at `top` of the epoch, with these entries of its history.
    static func standing(
        at top: UInt64?, _ epoch: String = "e1", entries: [UInt64] = [], state: String? = nil, owner: String? = nil,
        hasEnded: Bool = false, stateIsOlder: Bool = false
    ) -> ChannelAnswer {
        var answer = ChannelAnswer.unpublished
        answer.top = top.map { Position(epoch: epoch, sequence: $0) }
        answer.entries = entries.map { Array(numbered($0, epoch).utf8) }
        answer.state = state.map { Array($0.utf8) }
        answer.owner = owner
        answer.hasEnded = hasEnded
        answer.stateIsOlder = stateIsOlder
        return answer
    }
}

/// A numbered message as Redis sends it.
func numbered(_ sequence: UInt64, _ epoch: String = "e1", _ json: String = #"{"type":"progress","progress":5}"#)
    -> String
{
    "\u{1}ft1:\(epoch):\(sequence):1000\n\(json)"
}

extension DecidingChannel {
    mutating func readOn(viewersAreBehind: Bool) -> String {
        describe(
            state.readOn(viewersAreBehind: viewersAreBehind, at: now, hasMembers: hasMembers, using: resources))
    }

    mutating func fail(isAway: Bool) -> String {
        let question = lastQuestion ?? ChannelQuestion(number: 0, since: nil)
        return describe(state.didFail(question, isAway: isAway, at: 7, using: resources))
    }

    mutating func disconnect() -> String { describe(state.didDisconnect(at: 7, using: resources)) }

    mutating func left(isUnwatched: Bool) -> String {
        describe(state.didLeave(isUnwatched: isUnwatched, using: resources))
    }

    func admit(_ since: Position?, isQuiet: Bool = false, isBehind: Bool = false) -> String {
        state.admit(Newcomer(since: since, isQuiet: isQuiet), isBehind: isBehind).short
    }

    func history(_ answer: ChannelAnswer?, after sequence: UInt64) -> String {
        state.didReadHistory(answer, after: Position(epoch: "e1", sequence: sequence), using: resources).short
    }
}
