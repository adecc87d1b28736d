import RESP
import Redis
import Tasks

/// Where Redis keeps what clients have not acknowledged.
final class AcknowledgementStore {
    /// What is kept of one client, as one of its connections sees that.
    struct Place {
        fileprivate let key: String
        /// The connection that sends the messages again. Redis compares holders as text: the later one is greater.
        fileprivate let holder: String
    }

    private let redis: any CommandBus
    private let naming: Naming
    /// Who makes the holders' names unlike those of other loops.
    private let origin: String
    private let most: Int
    private let seconds: Int

    /// At most `most` messages are kept of one client, for so many `seconds`.
    init(redis: any CommandBus, naming: Naming, origin: String, most: Int, seconds: Int) {
        self.redis = redis
        self.naming = naming
        self.origin = origin
        self.most = most
        self.seconds = seconds
    }

    /// The run of the Redis that keeps what is at `place`; nil where that Redis has never been reached.
    func runID(at place: Place) -> String? { redis.runID(for: place.key) }

    /// Where the messages of a user's client are kept while `connection` has it.
    func place(user: String, client: String, connection: ConnectionID) -> Place {
        // Thirteen digits of time until the year 2286: later connections are greater.
        Place(
            key: naming.acknowledgementsKey(user: user, client: client),
            holder: "\(WallClock.now) \(origin) \(connection)")
    }

    /// Keeps a message. `completion` is told whether it is kept: not where there is no room, or a later connection of the
    /// client has taken over; nil where Redis has not answered.
    func add(_ id: String, _ text: [UInt8], at place: Place, _ completion: @escaping (Bool?) -> Void) {
        let arguments = [id, String(decoding: text, as: UTF8.self), "\(most)", "\(seconds)"]
        run(RedisScripts.addAcknowledgement, place, arguments) { completion((try? $0.get())?.integer.map { $0 != 0 }) }
    }

    /// The client has acknowledged a message.
    func remove(_ id: String, at place: Place) {
        redis.run(RedisScripts.removeAcknowledgement, keys: [place.key], arguments: [Array(id.utf8)]) { _ in }
    }

    /// Asks whether a message may be sent again, for the attempt of this number, of at most `mostAttempts`. Nil where Redis
    /// has not answered.
    func attempt(
        _ attempt: Int, of mostAttempts: Int, _ id: String, at place: Place,
        _ completion: @escaping (Redelivery.Verdict?) -> Void
    ) {
        run(RedisScripts.attemptAcknowledgement, place, [id, "\(attempt)", "\(mostAttempts)"]) { result in
            completion((try? result.get())?.integer.map { $0 > 0 ? .send : $0 == 0 ? .settled : .dropped })
        }
    }

    /// What an earlier connection of the client left.
    struct Left {
        /// How many had been kept for so long that they were dropped.
        let dropped: Int64
        /// The others, with how often they were sent again.
        let messages: [(id: String, attempts: Int64, text: [UInt8])]
    }

    /// Takes over what an earlier connection of the client left. Nil where the answer is none.
    func takeOver(_ place: Place, _ completion: @escaping (Result<Left?, RedisError>) -> Void) {
        run(RedisScripts.takeOverAcknowledgements, place, ["\(seconds)"]) { completion($0.map(Left.init)) }
    }

    private func run(
        _ script: RedisScript, _ place: Place, _ arguments: [String],
        _ completion: @escaping (Result<RedisValue, RedisError>) -> Void
    ) {
        let all = ([place.holder] + arguments).map { Array($0.utf8) }
        redis.run(script, keys: [place.key], arguments: all, completion)
    }
}

extension AcknowledgementStore.Left {
    fileprivate init?(_ reply: RedisValue) {
        guard case .array(let fields) = reply, let dropped = fields.first?.integer else { return nil }
        self.dropped = dropped
        messages = stride(from: 1, to: fields.count - 2, by: 3).compactMap { place in
            guard let id = fields[place].string, let attempts = fields[place + 1].integer,
                let text = fields[place + 2].bytes
            else { return nil }
            return (id, attempts, text)
        }
    }
}
