import Testing

@testable import Cluster

@Suite("Asking for the map of a cluster")
struct MapRefreshTests {
    /// Draws the most.
    private struct Most: RandomNumberGenerator {
        mutating func next() -> UInt64 { .max }
    }

    /// What it is doing; the last question was asked at 0.
    enum State { case asking, doubting, pausing, resting }

    private func refresh(_ state: State) -> MapRefresh {
        var refresh = MapRefresh(at: 0, random: Most())
        switch state {
        case .asking: break
        case .doubting: _ = refresh.receive(.doubted, at: 0)
        case .pausing: _ = refresh.receive(.failed, at: 0)
        case .resting: _ = refresh.receive(.answered(isWhole: true), at: 0)
        }
        return refresh
    }

    @Test(
        "is one question at a time, and not more than one a second",
        arguments: [
            (.asking, .doubted, 5, nil), (.asking, .answered(isWhole: true), 5, .wait(milliseconds: 36_000)),
            (.asking, .answered(isWhole: false), 5, .wait(milliseconds: 995)),
            (.asking, .failed, 5, .wait(milliseconds: 995)),
            (.asking, .failed, 3_000, .wait(milliseconds: 1)), (.asking, .due, 5, nil),
            (.doubting, .doubted, 5, nil), (.doubting, .answered(isWhole: true), 5, .wait(milliseconds: 995)),
            (.doubting, .answered(isWhole: false), 5, .wait(milliseconds: 995)),
            (.doubting, .failed, 5, .wait(milliseconds: 995)), (.doubting, .due, 5, nil),
            (.pausing, .doubted, 5, nil), (.pausing, .answered(isWhole: true), 5, nil),
            (.pausing, .answered(isWhole: false), 5, nil), (.pausing, .failed, 5, nil), (.pausing, .due, 1_000, .ask),
            (.resting, .doubted, 5, .wait(milliseconds: 995)), (.resting, .doubted, 1_000, .ask),
            (.resting, .answered(isWhole: true), 5, nil), (.resting, .answered(isWhole: false), 5, nil),
            (.resting, .failed, 5, nil), (.resting, .due, 36_000, .ask),
        ] as [(State, MapRefresh.Event, UInt64, MapRefresh.Action?)])
    func pairs(state: State, event: MapRefresh.Event, now: UInt64, action: MapRefresh.Action?) {
        var refresh = refresh(state)
        #expect(refresh.receive(event, at: now) == action)
    }

    @Test("is repeated while something is missing, and rests when it is whole")
    func whole() {
        var refresh = refresh(.asking)
        for second in 0..<5 as Range<UInt64> {
            #expect(refresh.receive(.answered(isWhole: false), at: second * 1_000) == .wait(milliseconds: 1_000))
            #expect(refresh.receive(.due, at: second * 1_000 + 1_000) == .ask)
        }
        #expect(refresh.receive(.answered(isWhole: true), at: 5_000) == .wait(milliseconds: 36_000))
    }
}
