import Dialects
import Events
import Examples
import Hub
import RESP
import Redis
import Settings
import Store
import Telemetry

@testable import Following

/// One loop's following with a Redis, a connection, a third party and a clock that do only what the test says.
final class FollowingWorld {
    let task = ChannelName.task(Identifier("t")!)
    let hub = Hub()
    let bus = FakeBus()
    let clock = FakeClock()
    let thirdParty = FakeInquirer()
    let following: LoopFollowing
    let viewer: FakeViewer
    /// What happened, in order: what was asked of Redis and of the third party, and what the viewer was told.
    let said: Words

    /// Milliseconds that an answer waits for an event: those of no other timer.
    static let answerMilliseconds: UInt64 = 777

    init(asksThirdParties: Bool = true, askedPerConnection: Int = 100) {
        var limits = FollowingLimits()
        limits.answerMilliseconds = Self.answerMilliseconds
        limits.askedPerConnection = askedPerConnection
        following = LoopFollowing(
            index: 0, loop: clock, bus: bus, hub: hub, frames: FrameWriter(origin: "o"), naming: .standard,
            limits: limits, inquirer: asksThirdParties ? thirdParty : nil,
            log: Log(node: "test", format: .text, level: .error), tally: FollowingTally())
        said = bus.words
        viewer = FakeViewer(said)
        thirdParty.words = said
        (bus.handler, bus.messages) = (following.receiver, following.receiver)
    }

    // MARK: What happens

    /// The viewer follows the task.
    func join(since: UInt64? = nil) {
        let place = since.map { Position(epoch: "e1", sequence: $0) }
        following.subscriptions.join(viewer, task, since: place, request: nil)
    }

    func ask() { following.subscriptions.answer(viewer, about: task, request: nil) }

    /// Redis confirms the subscription and says that the task stands at 5. The next read needs no pause before it.
    func goLive() {
        bus.handler?.busDidSubscribe("task:t")
        bus.answer(.standing(at: 5))
        clock.now += 1_000
    }

    func publish(_ sequence: UInt64, _ json: String = #"{"type":"progress","progress":6}"#) {
        receive("\u{1}ft1:e1:\(sequence):1000\n\(json)", on: "task:t")
    }

    func receive(_ payload: String, on channel: String) {
        Array(payload.utf8).withUnsafeBytes { payload in
            Array(channel.utf8).withUnsafeBytes { bus.messages?.busDidReceive(payload, on: $0) }
        }
        bus.messages?.busDidFeed()
    }

    // MARK: What came of it

    /// Runs `happen`; says in short words what came of it, and then what the viewer is and waits for.
    func outcome(_ happen: (FollowingWorld) -> Void) -> String {
        said.list = []
        happen(self)
        return (said.list + ["|", standing]).joined(separator: " ")
    }

    private var standing: String {
        let channel = hub.channel("task:t")
        let interest = channel.map { hub.interest(of: viewer.subscriber, in: $0) } ?? []
        let taken = [(Interest.events, "events"), (.updates, "changes")].filter { interest.contains($0.0) }.map(\.1)
        let waits = channel.map { following.audience.waits(viewer, for: $0) } ?? []
        let all = taken + waits.map { "waits for \($0)" } + (viewer.isReplaying ? ["is behind"] : [])
        return all.isEmpty ? "-" : all.joined(separator: ", ")
    }
}

/// Words in the order in which they were said.
final class Words {
    var list: [String] = []

    func say(_ word: String) { list.append(word + ";") }
}

extension Audience {
    /// What the viewer waits for.
    fileprivate func waits(_ viewer: FakeViewer, for channel: Channel) -> [Joiner.Cause] {
        let waits = removeWaiting(viewer, for: channel, [.events, .updates])
        // Looking changes nothing: they wait again, in the same order.
        for joiner in waits { wait(joiner, for: channel, joiner.waitsFor) }
        return waits.map(\.waitsFor)
    }
}
