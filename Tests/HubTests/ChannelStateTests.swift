import Events
import Testing

@testable import Hub

/// Every pair of a state and an event, one line each, in ``channelStateTable``.
@Suite("ChannelState")
struct ChannelStateTests {
    typealias Event = (name: String, happen: (inout DecidingChannel) -> String)

    static var states: [(name: String, channel: DecidingChannel)] {
        [
            ("new", DecidingChannel()),
            ("refused", after { $0.state.didRefuse(hasMembers: true) }),
            ("asked for its place", asked()),
            ("unpublished", live(at: nil)),
            ("live at 5", live(at: 5)),
            ("live at 5, owing 2", live(at: 5) { $0.state.sync.owe(2) }),
            ("ended at 5", live(at: 4) { _ = $0.receive(numbered(5, "e1", #"{"type":"completed"}"#)) }),
            (
                "asked for what comes after 5, with 8 waiting",
                live(at: 5) {
                    _ = $0.receive(numbered(8))
                    _ = $0.read()
                }
            ),
            (
                "asked for what comes after 5, with 8 and a plain event waiting",
                live(at: 5) {
                    _ = $0.receive(numbered(8))
                    _ = $0.read()
                    _ = $0.receive(#"{"type":"note"}"#)
                }
            ),
            (
                "asked in vain for what comes after 5, with 8 waiting",
                live(at: 5) {
                    _ = $0.receive(numbered(8))
                    _ = $0.read()
                    _ = $0.fail(isAway: true)
                }
            ),
            (
                "live at 5, to be checked",
                live(at: 5) {
                    _ = $0.state.didCheck()
                    _ = $0.read()
                    _ = $0.state.didCheck()
                    _ = $0.didRead(.standing(at: 5, state: #"{"progress":1}"#))
                    $0.now += 1_000
                }
            ),
            ("disconnected at 5", live(at: 5) { _ = $0.disconnect() }),
            ("lingering at 5", live(at: 5) { _ = $0.left(isUnwatched: true) }),
            ("personal", personal()),
        ]
    }

    static var events: [Event] { messages + subscription + asking + answers + members + newcomers }

    private static var messages: [Event] {
        [
            ("a plain event", { $0.receive(#"{"type":"progress","progress":9}"#) }),
            ("a plain event that is no state", { $0.receive(#"{"type":"note"}"#) }),
            ("a plain restart", { $0.receive(#"{"type":"progress","restart":true}"#) }),
            ("number 1", { $0.receive(numbered(1)) }),
            ("number 5", { $0.receive(numbered(5)) }),
            ("number 6", { $0.receive(numbered(6)) }),
            ("number 6 that is no event", { $0.receive(numbered(6, "e1", "{")) }),
            ("number 6 with an owner", { $0.receive(numbered(6, "e1", #"{"owner":"u"}"#)) }),
            ("number 6 to acknowledge", { $0.receive(numbered(6, "e1", #"{"type":"note","ack":true}"#)) }),
            ("number 9", { $0.receive(numbered(9)) }),
            ("number 1 of another epoch", { $0.receive(numbered(1, "e2")) }),
            ("a forged envelope", { $0.receive("\u{1}ft1:e1:x:1\n{}") }),
            ("what is no event", { $0.receive("[") }),
        ]
    }

    private static var subscription: [Event] {
        [
            ("subscribed", { $0.describe($0.state.didSubscribe(hasMembers: $0.hasMembers)) }),
            (
                "disconnected",
                {
                    let effects = $0.disconnect()
                    return $0.state.sync.isLive || $0.state.sync.isReading ? "not away" : effects
                }
            ),
            ("checked", { $0.describe($0.state.didCheck()) }),
            ("refused with members", { $0.describe($0.state.didRefuse(hasMembers: true)) }),
            ("refused without", { $0.describe($0.state.didRefuse(hasMembers: false)) }),
            ("Redis takes commands", { $0.describe($0.state.commandsAreReady()) }),
            ("Redis stands at 5", { $0.describe($0.state.compare(with: Position(epoch: "e1", sequence: 5))) }),
            ("Redis stands at 9", { $0.describe($0.state.compare(with: Position(epoch: "e1", sequence: 9))) }),
            (
                "Redis stands at 5 of another epoch",
                { $0.describe($0.state.compare(with: Position(epoch: "e2", sequence: 5))) }
            ),
            ("Redis knows nothing", { $0.describe($0.state.compare(with: nil)) }),
        ]
    }

    private static var asking: [Event] {
        [
            ("read", { $0.read() }),
            (
                "read too soon",
                {
                    $0.now = $0.state.lastAsked + 40
                    return $0.read()
                }
            ),
            ("read on", { $0.readOn(viewersAreBehind: false) }),
            ("read on for slow viewers", { $0.readOn(viewersAreBehind: true) }),
            ("no answer", { $0.fail(isAway: false) }),
            ("no answer while Redis is away", { $0.fail(isAway: true) }),
            ("retry is due", { $0.describe($0.state.isDue(.retry, isUnwatched: false)) }),
        ]
    }

    private static var answers: [Event] {
        [
            ("answer: 5", { $0.didRead(.standing(at: 5)) }),
            ("answer: 7 with 6 and 7", { $0.didRead(.standing(at: 7, entries: [6, 7])) }),
            ("answer: 8 with 6 to 8", { $0.didRead(.standing(at: 8, entries: [6, 7, 8])) }),
            ("answer: 9 with 6 and 7", { $0.didRead(.standing(at: 9, entries: [6, 7])) }),
            ("answer: 9 with 9 and a state", { $0.didRead(.standing(at: 9, entries: [9], state: "{}")) }),
            ("answer: 3", { $0.didRead(.standing(at: 3, state: "{}")) }),
            ("answer: 2 of another epoch", { $0.didRead(.standing(at: 2, "e2", entries: [1, 2])) }),
            (
                "answer: 0 of another epoch with a state of before",
                { $0.didRead(.standing(at: 0, "e2", state: "{}", stateIsOlder: true)) }
            ),
            ("answer: another owner", { $0.didRead(.standing(at: 5, owner: "u")) }),
            ("answer: nothing", { $0.didRead(.unpublished) }),
            (
                "answer to an earlier question",
                { $0.didRead(.standing(at: 9, entries: [6, 7, 8, 9]), to: ChannelQuestion(number: -1, since: nil)) }
            ),
        ]
    }

    private static var members: [Event] {
        [
            ("somebody joins", { $0.describe($0.state.willJoin()) }),
            ("the first is seated", { $0.describe($0.state.willSeat(Newcomer(since: nil), isFirst: true)) }),
            ("one more is seated", { $0.describe($0.state.willSeat(Newcomer(since: nil), isFirst: false)) }),
            ("one of many leaves", { $0.left(isUnwatched: false) }),
            ("the last leaves", { $0.left(isUnwatched: true) }),
            ("linger is due, unwatched", { $0.describe($0.state.isDue(.linger, isUnwatched: true)) }),
            ("linger is due, watched", { $0.describe($0.state.isDue(.linger, isUnwatched: false)) }),
            ("missed is due", { $0.describe($0.state.isDue(.missed, isUnwatched: false)) }),
        ]
    }

    private static var newcomers: [Event] {
        [
            ("a viewer", { $0.admit(nil) }),
            ("a quiet viewer", { $0.admit(nil, isQuiet: true) }),
            ("a viewer that is behind", { $0.admit(nil, isBehind: true) }),
            ("a viewer from 5", { $0.admit(Position(epoch: "e1", sequence: 5)) }),
            ("a viewer from 3", { $0.admit(Position(epoch: "e1", sequence: 3)) }),
            ("a viewer from 4 of any epoch", { $0.admit(Position(epoch: Position.anyEpoch, sequence: 4)) }),
            ("a viewer from 3 of another epoch", { $0.admit(Position(epoch: "e9", sequence: 3)) }),
            ("a history after 3", { $0.history(.standing(at: 5, entries: [4, 5]), after: 3) }),
            ("a history of less than was heard", { $0.history(.standing(at: 4, entries: [4]), after: 3) }),
            ("a history that ends before the viewer", { $0.history(.standing(at: 4), after: 9) }),
            ("a history after what was heard", { $0.history(.standing(at: 9, entries: [8, 9]), after: 7) }),
            ("a history of another epoch", { $0.history(.standing(at: 5, "e2"), after: 3) }),
            ("no history", { $0.history(nil, after: 3) }),
        ]
    }

    @Test("every state and every event have one line each, and there are no other lines")
    func everyPair() {
        var lines: [String] = []
        for (state, channel) in Self.states {
            lines.append("# \(state)")
            for (event, happen) in Self.events {
                var channel = channel
                let effects = happen(&channel)
                lines.append("\(event) => \(effects.isEmpty ? "-" : effects)")
            }
        }
        let expected = channelStateTable.split(separator: "\n").map(String.init)
        #expect(lines.count == expected.count)
        var state = ""
        for (line, expected) in zip(lines, expected) {
            if line.hasPrefix("#") { state = line }
            #expect(line == expected, "\(state)")
        }
    }

    @Test("checks during a read let viewers in first, and make the loop read once more after the pause")
    func checkedMeanwhile() {
        var channel = Self.live(at: 5)
        #expect(channel.describe(channel.state.didCheck()) == "read" && channel.read() == "ask e1:5")
        for _ in 0..<2 { #expect(channel.describe(channel.state.didCheck()) == "") }
        #expect(channel.didRead(.standing(at: 5)) == "flush, retry in 100, let in, flush")
        #expect(channel.admit(nil).hasPrefix("enter"))
        #expect(channel.describe(channel.state.isDue(.retry, isUnwatched: false)) == "read")
        channel.now += 1_000
        #expect(channel.read() == "ask e1:5" && channel.didRead(.standing(at: 5)) == "flush, let in, flush")
        #expect(channel.describe(channel.state.isDue(.retry, isUnwatched: false)) == "")
    }

    // MARK: States

    private static func after(_ happen: (inout DecidingChannel) -> Any) -> DecidingChannel {
        var channel = DecidingChannel()
        _ = happen(&channel)
        return channel
    }

    private static func asked() -> DecidingChannel {
        after {
            $0.hasMembers = false
            _ = $0.state.didSubscribe(hasMembers: false)
            return $0.read()
        }
    }

    private static func live(
        at top: UInt64?, then happen: (inout DecidingChannel) -> Void = { _ in }
    ) -> DecidingChannel {
        after {
            $0.goLive(at: top, state: top == nil ? nil : #"{"progress":1}"#)
            happen(&$0)
            return ()
        }
    }

    private static func personal() -> DecidingChannel {
        var channel = DecidingChannel(.everyone)
        _ = channel.state.didSubscribe(hasMembers: false)
        return channel
    }
}
