package import Connections
package import Redis
package import RESP
package import Store
import Telemetry

/// Keeps in Redis the messages that clients have not acknowledged.
package final class AcknowledgementStore {
    private let redis: any CommandBus
    private let naming: Naming
    /// Makes the holders' names differ from those of other loops.
    private let origin: String
    private let most: Int
    private let seconds: Int

    /// Redis keeps at most `most` messages of one client, for so many `seconds`.
    package init(redis: any CommandBus, naming: Naming, origin: String, most: Int, seconds: Int) {
        self.redis = redis
        self.naming = naming
        self.origin = origin
        self.most = most
        self.seconds = seconds
    }

    /// The run id of the Redis that keeps `place`; nil where that Redis has never been reached.
    package func runID(at place: AcknowledgementsKept) -> String? { redis.runID(for: place.key) }

    /// Where Redis keeps the messages of a user's client while `connection` holds them.
    package func place(user: String, client: String, connection: ConnectionID) -> AcknowledgementsKept {
        // Thirteen digits of time until the year 2286: later connections are greater.
        AcknowledgementsKept(
            user: user, client: client, holder: "\(WallClock.now) \(origin) \(connection)", naming: naming)
    }

    /// Keeps a message. `completion` is told whether Redis keeps it: false where there is no room, or a later
    /// connection of the client has taken over; nil where Redis did not answer.
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

    /// Asks whether to send a message again, for the attempt of this number, of at most `mostAttempts`. Nil where Redis
    /// did not answer.
    package func attempt(
        _ attempt: Int, of mostAttempts: Int, _ id: String, at place: AcknowledgementsKept,
        _ completion: @escaping (AttemptAcknowledgementScript.Verdict?) -> Void
    ) {
        redis.run(AttemptAcknowledgementScript(attempt, of: mostAttempts, id, in: place)) { completion(try? $0.get()) }
    }

    /// Takes over the messages that an earlier connection of the client left.
    package func takeOver(
        _ place: AcknowledgementsKept,
        _ completion: @escaping (Result<TakeOverAcknowledgementsScript.Left, RedisError>) -> Void
    ) {
        redis.run(TakeOverAcknowledgementsScript(place, seconds: seconds), completion)
    }
}
