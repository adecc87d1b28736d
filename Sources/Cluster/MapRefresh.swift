/// When a Redis Cluster is asked for its map: one question at a time, and not more than one a second however many commands are sent
/// away.
public struct MapRefresh {
    /// What happens.
    public enum Event: Equatable, Sendable {
        /// Somebody doubts the map.
        case doubted
        /// A map has come. `isWhole`: every slot has a master, and every master can be reached.
        case answered(isWhole: Bool)
        /// Nobody has answered.
        case failed
        /// The wait is over.
        case due
    }

    /// What is to be done.
    public enum Action: Equatable, Sendable {
        /// Ask.
        case ask
        /// Say ``Event/due`` after so long, and not what was asked for before.
        case wait(milliseconds: UInt64)
    }

    private enum State { case asking(isDoubted: Bool), pausing, resting }

    /// Between two questions at least.
    static let pauseMilliseconds: UInt64 = 1_000
    /// Between two questions at most, and a fifth more or less: so that the loops do not all ask together.
    static let restMilliseconds: ClosedRange<UInt64> = 24_000...36_000

    private var state = State.asking(isDoubted: false)
    private var asked: UInt64
    private var random: any RandomNumberGenerator

    /// The first question is asked at once, by the caller.
    public init(at now: UInt64, random: any RandomNumberGenerator = SystemRandomNumberGenerator()) {
        asked = now
        self.random = random
    }

    /// What is to be done about an event.
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
