import Dialects
import Events
import Examples
import Hub
import RESP
import Redis
import Testing

@testable import Following

@Suite("Bounds and rights of viewers")
struct ViewerBoundsTests {
    private func ask(_ world: FollowingWorld, about id: String) {
        let task = ChannelName.task(Identifier(id)!)
        world.following.subscriptions.answer(world.viewer, about: task, request: nil)
    }

    /// The task's channel is live at 5, and its state is read for a question.
    private func answer(_ world: FollowingWorld, about id: String) {
        world.bus.handler?.busDidSubscribe("task:\(id)")
        world.bus.answer(.standing(at: 5))
        world.bus.answer(.standing(at: 5))
        world.clock.now += 1_000
    }

    private func publish(_ world: FollowingWorld, to id: String) {
        world.receive("\u{1}ft1:e1:6:1000\n{\"type\":\"progress\",\"progress\":6}", on: "task:\(id)")
    }

    @Test("a viewer that has too much under way is refused, and its channel closes")
    func crowdedViewer() {
        let world = FollowingWorld()
        world.viewer.isFull = true
        world.viewer.roomForActions = 0
        world.join()
        #expect(world.outcome { $0.goLive() } == "read; RATE_LIMITED; | -")
        #expect(world.outcome { $0.clock.fire(after: 2_000) } == "unsubscribe task:t; | -")
    }

    @Test("a closed channel gets no timer, which would close it again")
    func closed() throws {
        let world = FollowingWorld()
        (world.viewer.isFull, world.viewer.roomForActions) = (true, 0)
        world.join()
        world.goLive()
        let channel = try #require(world.hub.channel("task:t"))
        #expect(world.outcome { $0.clock.fire(after: 2_000) } == "unsubscribe task:t; | -")
        world.following.channels.closeIfUnwatched(channel)
        #expect(world.outcome { $0.clock.fire(after: 2_000) } == "| -")
    }

    @Test("a viewer that comes before a channel closes, which Redis now refuses, is refused, and the channel closes")
    func refusedChannel() {
        let world = FollowingWorld()
        world.join()
        world.goLive()
        world.bus.handler?.busDidRefuse("task:t", RedisReplyError(line: "NOPERM no"))
        world.following.subscriptions.leave(world.viewer, world.task)
        #expect(world.outcome { $0.join() } == "UNAVAILABLE; | -")
        #expect(world.outcome { $0.clock.fire(after: 2_000) } == "unsubscribe task:t; | -")
        #expect(world.hub.channels.isEmpty)
    }

    @Test("a question of a viewer that has too much under way is refused once")
    func crowdedQuestion() {
        let world = FollowingWorld()
        world.viewer.isFull = true
        world.viewer.roomForActions = 0
        world.ask()
        #expect(world.outcome { $0.goLive() } == "read; RATE_LIMITED; | -")
    }

    @Test("a question is refused while Redis is away, and the viewer joins nothing")
    func away() {
        let world = FollowingWorld()
        world.bus.isReady = false
        #expect(world.outcome { $0.ask() } == "UNAVAILABLE; | -")
    }

    @Test("at the bound, the task that a viewer has been told of for the longest goes")
    func oldestGoes() {
        let world = FollowingWorld(asksThirdParties: false, askedPerConnection: 2)
        for id in ["a", "b", "c"] {
            ask(world, about: id)
            answer(world, about: id)
        }
        #expect(world.outcome { publish($0, to: "a") } == "| -")
        #expect(world.outcome { publish($0, to: "b") } == "1 frames; | -")
        #expect(world.outcome { publish($0, to: "c") } == "1 frames; | -")
    }

    @Test("a viewer that waits for as many answers as it may gets the next without the changes that follow")
    func allWait() {
        let world = FollowingWorld(asksThirdParties: false, askedPerConnection: 2)
        ask(world, about: "a")
        ask(world, about: "b")
        #expect(world.outcome { ask($0, about: "c") } == "read; | is behind")
        #expect(world.outcome { $0.bus.answer(.standing(at: 5)) } == "answer state 5; | -")
    }

    @Test("the third party is asked again, eagerly, for a viewer that is told changes already")
    func eager() {
        let world = FollowingWorld()
        world.ask()
        world.goLive()
        world.bus.answer(.standing(at: 5))
        world.thirdParty.answer(mayHaveChanged: false)
        #expect(world.outcome { $0.ask() } == "read; | waits for answer, is behind")
        #expect(
            world.outcome { $0.bus.answer(.standing(at: 5)) } == "ask the third party eagerly; | waits for answer")
    }

    @Test("an event answers both questions of one viewer, and both are refused where it names another owner")
    func twoQuestions() {
        let world = FollowingWorld()
        world.ask()
        world.goLive()
        world.ask()
        let other = FollowingWorld()
        other.ask()
        other.goLive()
        other.ask()
        #expect(world.outcome { $0.publish(6) } == "answer state 6; answer state 6; | changes, is behind")
        #expect(
            other.outcome { $0.publish(6, #"{"owner":"another"}"#) } == "hidden; hidden; | is behind")
    }

    @Test("an event that must be acknowledged is expected to be, by members whose dialect does that")
    func acknowledgements() {
        let event = #"{"type":"note","ack":true}"#
        let world = FollowingWorld()
        world.join()
        world.goLive()
        #expect(world.outcome { $0.publish(6, event) } == "1 frames; | events")
        let acknowledging = FollowingWorld()
        let dialect = DialectName.allCases.first { $0.dialect.traits.acknowledges }!
        acknowledging.viewer.subscriber.shape = Shape(.dialect(dialect), wrapping: .framed)
        acknowledging.join()
        acknowledging.goLive()
        #expect(acknowledging.outcome { $0.publish(6, event) } == "acknowledge; 1 frames; | events")
    }

    @Test("a viewer enters a channel of people once it is confirmed, and hears nothing of it before")
    func quiet() {
        let world = FollowingWorld()
        let entered = Words()
        let user = ChannelName.user(Identifier("u")!)
        world.following.subscriptions.joinQuietly(world.viewer, user) { entered.say("entered") }
        #expect(entered.list.isEmpty)
        #expect(world.outcome { $0.bus.handler?.busDidSubscribe("user:u") } == "| -")
        #expect(entered.list == ["entered;"])
    }

    @Test("a refused channel of people is not mentioned to its viewers")
    func quietRefusal() {
        let world = FollowingWorld()
        world.following.subscriptions.joinQuietly(world.viewer, .user(Identifier("u")!)) {}
        #expect(
            world.outcome { $0.bus.handler?.busDidRefuse("user:u", RedisReplyError(line: "NOPERM no")) }
                == "unsubscribe user:u; | -")
    }
}
