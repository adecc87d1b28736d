import RESP
import Store
import Testing

@testable import Standing

@Suite("How a Redis gets the workers' Function")
struct FunctionLoadingTests {
    private typealias Event = FunctionLoading.Event
    private typealias Action = FunctionLoading.Action

    private static let denied = RedisReplyError(line: "NOPERM no function|load")
    private static let current = "\(PublishFunction.version) 64 262144 604800 PUBLISH"
    private static let otherLimits = "\(PublishFunction.version) 1 1 1"
    private static let older = "1 64 262144 604800"

    /// The events that lead into each state.
    private static let idle: [Event] = []
    private static let asking: [Event] = [.due(isConnecting: false)]
    private static let connecting: [Event] = [.due(isConnecting: true)]
    private static let loading: [Event] = asking + [.found(version: nil)]
    private static let replacing: [Event] = asking + [.found(version: older)]
    private static let checking: [Event] = loading + [.nameTaken]
    private static let states = [idle, asking, connecting, loading, replacing, checking]

    private func actions(_ before: [Event], _ event: Event, needsRights: Bool = false) -> [Action] {
        var loading = FunctionLoading(
            PublishFunction(naming: .standard, limits: HistoryLimits()), needsRights: needsRights)
        for event in before { _ = loading.receive(event) }
        return loading.receive(event)
    }

    @Test("asks for the version when it is due, and not twice at once")
    func due() {
        for isConnecting in [true, false] {
            #expect(actions(Self.idle, .due(isConnecting: isConnecting)) == [.ask])
            for state in Self.states.dropFirst() { #expect(actions(state, .due(isConnecting: isConnecting)) == []) }
        }
    }

    @Test("does what the version asks for")
    func found() {
        #expect(actions(Self.asking, .found(version: nil)) == [.load(replacing: false)])
        #expect(actions(Self.asking, .found(version: Self.older)) == [.load(replacing: true)])
        #expect(actions(Self.asking, .found(version: "")) == [.load(replacing: true)])
        #expect(actions(Self.asking, .found(version: Self.current)) == [])
        for state in [Self.idle, Self.loading, Self.replacing] {
            for version in [nil, Self.older, Self.current] { #expect(actions(state, .found(version: version)) == []) }
        }
    }

    @Test("other limits are replaced where the node connects, also while it is asking already")
    func limits() {
        #expect(actions(Self.asking, .found(version: Self.otherLimits)) == [])
        #expect(actions(Self.connecting, .found(version: Self.otherLimits)) == [.load(replacing: true)])
        #expect(actions(Self.asking + Self.connecting, .found(version: Self.otherLimits)) == [.load(replacing: true)])
        #expect(actions(Self.connecting + Self.asking, .found(version: Self.otherLimits)) == [.load(replacing: true)])
    }

    @Test(
        "a Function that needs a right is loaded once the node has it; until then Redis keeps what it has, and the log says why once"
    )
    func rights() {
        let lacking = ["SPUBLISH task:x "]
        func after(_ before: [Event], _ event: Event) -> [Action] { actions(before, event, needsRights: true) }
        for (state, version, isReplacing) in [
            (Self.asking, nil, false), (Self.asking, Self.older, true), (Self.connecting, Self.otherLimits, true),
        ] {
            let found = state + [.found(version: version)]
            #expect(after(state, .found(version: version)) == [.askForRights])
            #expect(after(found, .mayNot([])) == [.load(replacing: isReplacing)])
            #expect(after(found, .mayNot(lacking)) == [.sayLacking(lacking, leaving: isReplacing)])
            let again = found + [.mayNot(lacking), .due(isConnecting: true), .found(version: version)]
            #expect(
                after(again, .mayNot(lacking)) == []
                    && after(again, .mayNot(["else"])) == [.sayLacking(["else"], leaving: isReplacing)])
            #expect(after(again, .mayNot([])) == [.load(replacing: isReplacing)])
            #expect(after(found, .due(isConnecting: true)) == [] && after(found, .due(isConnecting: false)) == [])
            #expect(
                after(found + [.due(isConnecting: true)], .mayNot(lacking)) == [
                    .sayLacking(lacking, leaving: isReplacing), .ask,
                ])
            #expect(
                after(found, .refused(Self.denied)) == [.sayRefused(Self.denied)] && after(found, .unanswered) == [])
            for event in [Event.found(version: nil), .loaded, .nameTaken] { #expect(after(found, event) == []) }
        }
        // A heartbeat later it is as if the node had just connected, once.
        let late = Self.connecting + [.found(version: Self.otherLimits), .mayNot(lacking), .due(isConnecting: false)]
        #expect(after(late, .found(version: Self.otherLimits)) == [.askForRights])
        let settled = late + [.found(version: Self.current), .due(isConnecting: false)]
        #expect(after(settled, .found(version: Self.otherLimits)) == [])
        let taken = Self.asking + [.found(version: nil), .mayNot([]), .nameTaken]
        #expect(after(taken, .found(version: nil)) == [.askForRights])
        #expect(after(taken + [.found(version: nil)], .mayNot([])) == [.load(replacing: true)])
        for state in Self.states {
            #expect(actions(state, .mayNot(lacking)) == [] && actions(state, .mayNot([])) == [])
        }
    }

    @Test("what a connecting node must replace it replaces later, until it has: whatever Redis answers first")
    func owing() {
        let found = Event.found(version: Self.otherLimits)
        for needsRights in [true, false] {
            let first: [Action] = needsRights ? [.askForRights] : [.load(replacing: true)]
            for trouble in [Event.refused(RedisReplyError(line: "MISCONF x")), .refused(Self.denied), .unanswered] {
                let before = Self.connecting + [found, trouble, .due(isConnecting: false)]
                #expect(actions(before, found, needsRights: needsRights) == first)
                let again = before + [trouble, .due(isConnecting: false), found, trouble, .due(isConnecting: false)]
                #expect(actions(again, found, needsRights: needsRights) == first)
                let after = again + [.found(version: Self.current), .due(isConnecting: false)]
                #expect(actions(after, found, needsRights: needsRights) == [])
            }
            let done: [Event] = [found] + (needsRights ? [.mayNot([])] : []) + [.loaded, .found(version: Self.current)]
            #expect(
                actions(Self.connecting + done + Self.asking, found, needsRights: needsRights) == [])
        }
    }

    @Test("logs that Redis has loaded it, and asks again, which tells it the run ids")
    func loaded() {
        for state in [Self.loading, Self.replacing] {
            #expect(actions(state, .loaded) == [.sayLoaded, .ask])
            let told = state + [.loaded, .found(version: Self.current)]
            #expect(actions(told, .due(isConnecting: false)) == [.ask])
        }
        for state in [Self.idle, Self.asking, Self.connecting, Self.checking] { #expect(actions(state, .loaded) == []) }
    }

    @Test("a taken name is looked at again: another node's Function stays, a foreign library is replaced")
    func taken() {
        #expect(actions(Self.loading, .nameTaken) == [.ask])
        #expect(actions(Self.checking, .found(version: Self.current)) == [])
        #expect(actions(Self.checking + [.found(version: Self.current)], .due(isConnecting: false)) == [.ask])
        #expect(actions(Self.checking, .found(version: nil)) == [.load(replacing: true)])
        for state in [Self.idle, Self.asking, Self.connecting, Self.checking] {
            #expect(actions(state, .nameTaken) == [])
        }
    }

    @Test("logs an error once, until Redis has the Function or gives another error")
    func refused() {
        for state in Self.states {
            #expect(actions(state, .refused(Self.denied)) == [.sayRefused(Self.denied)])
            let again = state + [.refused(Self.denied), .due(isConnecting: false)]
            #expect(actions(again, .refused(Self.denied)) == [])
            let full = RedisReplyError(line: "OOM x")
            #expect(actions(again, .refused(full)) == [.sayRefused(full)])
            #expect(
                actions(again + [.found(version: Self.current)], .refused(Self.denied)) == [.sayRefused(Self.denied)])
            #expect(
                actions(again + [.found(version: nil), .loaded], .refused(Self.denied)) == [.sayRefused(Self.denied)])
        }
    }

    @Test("a Redis that is away is asked when it is back, and its trouble is not forgotten")
    func unanswered() {
        for state in Self.states {
            #expect(actions(state, .unanswered) == [])
            #expect(actions(state + [.unanswered], .due(isConnecting: true)) == [.ask])
            let known = state + [.refused(Self.denied), .unanswered, .due(isConnecting: true)]
            #expect(actions(known, .refused(Self.denied)) == [])
        }
    }

    @Test("asks once more where another master has connected meanwhile")
    func askLater() {
        for state in [Self.asking, Self.connecting, Self.checking] {
            let busy = state + [.due(isConnecting: true)]
            #expect(actions(busy, .found(version: Self.current)) == [.ask])
            #expect(actions(busy + [.found(version: Self.current)], .found(version: Self.current)) == [])
        }
        #expect(actions(Self.asking + [.due(isConnecting: false)], .found(version: Self.current)) == [])
        #expect(actions(Self.loading + [.due(isConnecting: true), .loaded], .found(version: Self.current)) == [.ask])
        #expect(actions(Self.connecting + [.due(isConnecting: true)], .unanswered) == [.ask])
    }
}
