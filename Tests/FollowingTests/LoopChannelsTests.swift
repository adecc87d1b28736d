import Redis
import Testing

@testable import Following

@Suite("The loop's own channels")
struct LoopChannelsTests {
    private let world = FollowingWorld()
    private let told = Words()

    init() {
        world.following.ownChannels.closeConnections = { [told] in told.say("close \($0)") }
        world.following.ownChannels.didMove = { [told] in told.say("move \($0)") }
        world.following.ownChannels.subscribe(
            announcements: "task:", didSubscribe: { [told] in told.say("listening") }
        ) { [told] in told.say("announced \(String(decoding: $0, as: UTF8.self))") }
        world.following.ownChannels.subscribe(control: "ft:loop:1", isProbed: true)
    }

    @Test("the probe is published once the control channel is subscribed, and heard on it")
    func probe() {
        #expect(
            world.outcome { $0.bus.handler?.busDidSubscribe("ft:loop:1") } == "publish probe to ft:loop:1; | -")
        #expect(!world.following.probe.isHeard)
        world.receive("probe", on: "ft:loop:1")
        #expect(world.following.probe.isHeard)
        world.bus.handler?.busDidLose(.some(["task:t"]))
        #expect(world.following.probe.isHeard)
        world.bus.handler?.busDidLose(.some(["ft:loop:1"]))
        #expect(!world.following.probe.isHeard)
    }

    @Test("each message reaches whom it is for, and no other")
    func messages() {
        world.receive("close anna", on: "ft:loop:1")
        world.receive("task:t", on: "task:")
        world.receive("moved task:t", on: "task:")
        world.receive("moved ", on: "task:")
        world.receive("moved", on: "task:")
        world.receive("close anna", on: "ft:loop:2")
        world.receive("open anna", on: "ft:loop:1")
        #expect(told.list == ["close anna;", "announced task:t;", "move task:t;", "move ;", "announced moved;"])
    }

    @Test("whoever hears announcements is told each time that the loop hears them again")
    func announcements() {
        for channel in ["task:", "ft:loop:1", "task:"] { world.bus.handler?.busDidSubscribe(channel) }
        #expect(told.list == ["listening;", "listening;"])
    }
}
