/// Decides when to ask a Redis Cluster for its map: one question at a time, and at most one a second, for any number of
/// redirections.
public struct MapRefresh {
    /// What can change whether, and when, to ask.
    public enum Event: Equatable, Sendable {
        /// The map may be out of date.
        case doubted
        /// A map has come. `isWhole` says whether every slot has a master, and every master can be reached.
        case answered(isWhole: Bool)
        /// No server has answered.
        case failed
        /// The wait is over.
        case due
    }

    /// The next step.
    public enum Action: Equatable, Sendable {
        /// Ask for the map.
        case ask
        /// Report ``Event/due`` after this time; this replaces the wait before.
        case wait(milliseconds: UInt64)
    }

    private enum State { case asking(isDoubted: Bool), pausing, resting }

    /// The shortest time between two questions.
    static let pauseMilliseconds: UInt64 = 1_000
    /// The longest time between two questions, give or take a fifth, so that the loops do not ask together.
    static let restMilliseconds: ClosedRange<UInt64> = 24_000...36_000

    private var state = State.asking(isDoubted: false)
    private var asked: UInt64
    private var random: any RandomNumberGenerator

    /// The state while the caller asks the first question.
    public init(at now: UInt64, random: any RandomNumberGenerator = SystemRandomNumberGenerator()) {
        asked = now
        self.random = random
    }

    /// The next step after an event; nil for none.
    public mutating func receive(_ event: Event, at now: UInt64) -> Action? {
        switch (state, event) {
        // The answer under way may have been given before.
        case (.asking, .doubted): state = .asking(isDoubted: true)
        case (.asking(let isDoubted), .answered(let isWhole)):
            return isDoubted || !isWhole ? pause(now) : rest()
        case (.asking, .failed): return pause(now)
        case (.resting, .doubted): return now - asked >= Self.pauseMilliseconds ? ask(now) : pause(now)
        case (.resting, .due), (.pausing, .due): return ask(now)
        case (.asking, .due), (.pausing, .doubted), (.pausing, .answered), (.pausing, .failed), (.resting, .answered),
            (.resting, .failed):
            break
        }
        return nil
    }

    private mutating func ask(_ now: UInt64) -> Action {
        (state, asked) = (.asking(isDoubted: false), now)
        return .ask
    }

    private mutating func pause(_ now: UInt64) -> Action {
        state = .pausing
        let spent = now - asked
        return .wait(milliseconds: spent < Self.pauseMilliseconds ? Self.pauseMilliseconds - spent : 1)
    }

    private mutating func rest() -> Action {
        state = .resting
        return .wait(milliseconds: UInt64.random(in: Self.restMilliseconds, using: &random))
    }
}
