import Dialects
import Events
import Examples
import Hub

@testable import Following

/// A connection that says what it is told, and takes what was sent before when the test wants it to.
final class FakeViewer: Viewer {
    private(set) lazy var subscriber = Subscriber(owner: self)
    var isListening = true
    var waitingInquiries = 0
    /// The connection is full: it takes nothing more, and accepts only so many actions that wait.
    var isFull = false
    var roomForActions = 10
    private(set) var isReplaying = false
    private var actions: [() -> Void] = []
    private let words: Words

    init(_ words: Words) {
        self.words = words
        subscriber.shape = Shape(.dialect(.tasks), wrapping: .framed)
    }

    /// Tasks of another owner are hidden from this viewer.
    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool { owner != "another" }

    func say(_ message: ServerMessage) { words.say(message.short) }
    func refuseToShow(_ channel: ChannelName, request: RequestID?) { words.say("hidden") }
    func expectAcknowledgement(of delivery: Delivery) { words.say("acknowledge") }

    var isBehind: Bool { isFull || isReplaying }

    func whenCaughtUp(_ action: @escaping () -> Void) -> Bool {
        guard isFull else {
            action()
            return true
        }
        guard actions.count < roomForActions else { return false }
        actions.append(action)
        return true
    }

    func replay(isUnderWay: Bool) { isReplaying = isUnderWay }

    /// The connection takes what was sent before.
    func catchUp() {
        isFull = false
        let waiting = actions
        actions = []
        for action in waiting { action() }
    }

    // MARK: Frames

    func flushOutbox() {
        words.say("\(subscriber.outbox.count) frames")
        subscriber.outbox.removeAll()
    }

    func flushBatch() {}
    func outboxDidOverflow() {}
}

extension ServerMessage {
    /// The message in short words.
    fileprivate var short: String {
        switch self {
        case .subscribed(_, let position, let recovered, _):
            "subscribed \(position?.sequence ?? 0)" + (recovered.map { $0 ? " in full" : " with a gap" } ?? "")
        case .delivery(let delivery): delivery.short
        case .taskUpdate(let delivery, _): "answer \(delivery.short)"
        case .missed(_, let count, _): "missed \(count)"
        case .fault(let fault, _): fault.code.rawValue
        default: "\(self)"
        }
    }
}

extension Delivery {
    /// The delivery in short words.
    var short: String { (isSnapshot ? "state " : "event ") + (position.map { "\($0.sequence)" } ?? "plain") }
}
