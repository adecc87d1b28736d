package import Connections
package import Redis
package import RESP
package import Store
import Telemetry

/// Where Redis keeps what clients have not acknowledged.
package final class AcknowledgementStore {
    private let redis: any CommandBus
    private let naming: Naming
    /// Who makes the holders' names unlike those of other loops.
    private let origin: String
    private let most: Int
    private let seconds: Int

    /// At most `most` messages are kept of one client, for so many `seconds`.
    package init(redis: any CommandBus, naming: Naming, origin: String, most: Int, seconds: Int) {
        self.redis = redis
        self.naming = naming
        self.origin = origin
        self.most = most
        self.seconds = seconds
    }

    /// The run of the Redis that keeps what is at `place`; nil where that Redis has never been reached.
    package func runID(at place: AcknowledgementsKept) -> String? { redis.runID(for: place.key) }

    /// Where the messages of a user's client are kept while `connection` has it.
    package func place(user: String, client: String, connection: ConnectionID) -> AcknowledgementsKept {
        // Thirteen digits of time until the year 2286: later connections are greater.
        AcknowledgementsKept(
            user: user, client: client, holder: "\(WallClock.now) \(origin) \(connection)", naming: naming)
    }

    /// Keeps a message. `completion` is told whether it is kept: not where there is no room, or a later connection of the
    /// client has taken over; nil where Redis has not answered.
    package func add(
        _ id: String, _ text: [UInt8], at place: AcknowledgementsKept, _ completion: @escaping (Bool?) -> Void
    ) {
        redis.run(AddAcknowledgementScript(id, text, in: place, most: most, seconds: seconds)) {
            completion(try? $0.get())
        }
    }

    /// The client has acknowledged a message.
    package func remove(_ id: String, at place: AcknowledgementsKept) {
        redis.run(RemoveAcknowledgementScript(id, in: place)) { _ in }
    }

    /// Asks whether a message may be sent again, for the attempt of this number, of at most `mostAttempts`. Nil where Redis
    /// has not answered.
    package func attempt(
        _ attempt: Int, of mostAttempts: Int, _ id: String, at place: AcknowledgementsKept,
        _ completion: @escaping (AttemptAcknowledgementScript.Verdict?) -> Void
    ) {
        redis.run(AttemptAcknowledgementScript(attempt, of: mostAttempts, id, in: place)) { completion(try? $0.get()) }
    }

    /// Takes over what an earlier connection of the client left.
    package func takeOver(
        _ place: AcknowledgementsKept,
        _ completion: @escaping (Result<TakeOverAcknowledgementsScript.Left, RedisError>) -> Void
    ) {
        redis.run(TakeOverAcknowledgementsScript(place, seconds: seconds), completion)
    }
}
