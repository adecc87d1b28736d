import Dialects
import Events
import Hub
import RESP
import Redis
import Testing

@testable import Following

/// Admission and answers with a Redis, a connection, a third party and a clock that do only what the test says: every
/// state of a viewer with every event, one line each, in ``viewerStateTable``.
@Suite("Admission and answers")
struct ViewerStateTests {
    typealias Happening = (name: String, happen: @Sendable (FollowingWorld) -> Void)

    static let states: [Happening] = following + asking

    private static let following: [Happening] = [
        ("waits for the channel", { $0.join() }),
        (
            "waits for its connection",
            {
                $0.viewer.isFull = true
                $0.join()
                $0.goLive()
            }
        ),
        (
            "waits for its history",
            {
                $0.join(since: 3)
                $0.goLive()
            }
        ),
        (
            "waits for another read of its history",
            {
                $0.join(since: 3)
                $0.goLive()
                $0.bus.fail()
            }
        ),
        (
            "follows the channel",
            {
                $0.join()
                $0.goLive()
            }
        ),
        (
            "is set aside",
            {
                $0.join()
                $0.goLive()
                $0.viewer.isFull = true
                $0.publish(8)
                $0.bus.answer(.standing(at: 8, entries: [6, 7, 8]))
            }
        ),
    ]

    private static let asking: [Happening] = [
        ("asks, and waits for the channel", { $0.ask() }),
        (
            "asks, and waits to enter",
            {
                $0.viewer.isFull = true
                $0.ask()
                $0.goLive()
            }
        ),
        (
            "asks, and waits for its connection",
            {
                $0.ask()
                $0.goLive()
                $0.viewer.isFull = true
                $0.bus.answer(.standing(at: 5))
                $0.thirdParty.answer(mayHaveChanged: false)
            }
        ),
        (
            "asks, and the state is read",
            {
                $0.ask()
                $0.goLive()
            }
        ),
        (
            "asks, and the third party is asked",
            {
                $0.ask()
                $0.goLive()
                $0.bus.answer(.standing(at: 5))
            }
        ),
        (
            "asks, and the state is read again",
            {
                $0.ask()
                $0.goLive()
                $0.bus.answer(.standing(at: 5))
                $0.thirdParty.answer(mayHaveChanged: true)
            }
        ),
        (
            "asks, and waits for the event",
            {
                $0.ask()
                $0.goLive()
                $0.bus.answer(.standing(at: 6))
                $0.thirdParty.answer(mayHaveChanged: false)
            }
        ),
        (
            "asked, and is told changes",
            {
                $0.ask()
                $0.goLive()
                $0.bus.answer(.standing(at: 5))
                $0.thirdParty.answer(mayHaveChanged: false)
            }
        ),
    ]

    static let events: [Happening] = ofRedis + ofOthers

    private static let ofRedis: [Happening] = [
        ("the subscription is confirmed", { $0.bus.handler?.busDidSubscribe("task:t") }),
        (
            "the subscription is refused",
            { $0.bus.handler?.busDidRefuse("task:t", RedisReplyError(line: "NOPERM no")) }
        ),
        ("the subscription is lost", { $0.bus.handler?.busDidLose(.all) }),
        ("Redis answers 5", { $0.bus.answer(.standing(at: 5, entries: [4, 5])) }),
        ("Redis answers 6", { $0.bus.answer(.standing(at: 6, entries: [4, 5, 6])) }),
        ("Redis answers another's task", { $0.bus.answer(.standing(at: 5, owner: "another")) }),
        ("Redis knows nothing", { $0.bus.answer(.unpublished) }),
        ("Redis does not answer", { $0.bus.fail() }),
        ("number 6 is published", { $0.publish(6) }),
        ("number 6 says that it is another's", { $0.publish(6, #"{"owner":"another"}"#) }),
        ("number 8 is published", { $0.publish(8) }),
    ]

    private static let ofOthers: [Happening] = [
        ("the connection catches up", { $0.viewer.catchUp() }),
        ("the pause between reads is over", { $0.clock.fire(after: 100) }),
        ("the time for the event is over", { $0.clock.fire(after: FollowingWorld.answerMilliseconds) }),
        ("the third party knows no more", { $0.thirdParty.answer(mayHaveChanged: false) }),
        ("the third party knows more", { $0.thirdParty.answer(mayHaveChanged: true) }),
        (
            "the viewer leaves, and the channel closes",
            {
                $0.following.subscriptions.leave($0.viewer, $0.task)
                $0.clock.fire(after: 2_000)
            }
        ),
        (
            "the viewer closes",
            {
                $0.viewer.isListening = false
                $0.following.subscriptions.leaveAll($0.viewer)
            }
        ),
    ]

    @Test("every state and every event have one line each, and there are no other lines")
    func everyPair() {
        var lines: [String] = []
        for state in Self.states {
            lines.append("# \(state.name)")
            for event in Self.events {
                let world = FollowingWorld()
                state.happen(world)
                lines.append("\(event.name) => \(world.outcome(event.happen))")
            }
        }
        let expected = viewerStateTable.split(separator: "\n").map(String.init)
        #expect(lines.count == expected.count)
        var state = ""
        for (line, expected) in zip(lines, expected) {
            if line.hasPrefix("#") { state = line }
            #expect(line == expected, "\(state)")
        }
    }
}
