internal import Base
import Cluster
import EventLoop
import RESP
import Redis

/// Asks the servers of a cluster for the map, one after another until one answers. Loop-confined.
final class ClusterSurvey {
    /// A server to ask.
    enum Place {
        /// A server with a connection.
        case connected(Address, CommandConnection)
        /// A server without a connection: the survey makes one for its question.
        case address(Address)

        var address: Address {
            switch self {
            case .connected(let address, _), .address(let address): address
            }
        }
    }

    /// Called for each server that does not answer, with the reason.
    var onFailure: (Address, RedisFailure) -> Void = { _, _ in }

    /// The patience with each server: a server that hangs must not hold up the survey.
    private static let patienceMilliseconds: UInt64 = 500

    private let loop: EventLoop
    private let connect: (Address) -> CommandConnection
    private var places: ArraySlice<Place> = []
    private var verdict = SurveyVerdict()
    private var completion: ((Result<SlotMap, RedisFailure>) -> Void)?
    /// The number of the current question: the answer to an earlier one may still come.
    private var number = 0
    private var patience: Timer?
    private var visitor: CommandConnection?

    /// `connect` returns a connection for one question, not started yet.
    init(loop: EventLoop, connect: @escaping (Address) -> CommandConnection) {
        self.loop = loop
        self.connect = connect
    }

    /// Asks `places` in order. One survey at a time.
    func begin(_ places: [Place], _ completion: @escaping (Result<SlotMap, RedisFailure>) -> Void) {
        self.places = places[...]
        verdict = SurveyVerdict()
        self.completion = completion
        askNext(after: .ended("no server of the cluster is known"))
    }

    func close() {
        completion = nil
        leave()
    }

    private func askNext(after failure: RedisFailure) {
        guard let completion else { return }
        guard let place = places.popFirst() else {
            self.completion = nil
            return completion(result(after: failure))
        }
        number += 1
        patience = loop.schedule(after: Self.patienceMilliseconds) { [weak self, number] in
            self?.pass(number, place.address, .silent(milliseconds: Self.patienceMilliseconds))
        }
        switch place {
        case .connected(let address, let connection): ask(connection, address, number)
        case .address(let address): visit(address, number)
        }
    }

    private func result(after failure: RedisFailure) -> Result<SlotMap, RedisFailure> {
        switch verdict.end {
        case .empty(let map): .success(map)
        case .slotless: .failure(.unavailable(.slotless))
        case .unanswered: .failure(failure)
        }
    }

    private func visit(_ address: Address, _ number: Int) {
        let connection = connect(address)
        visitor = connection
        connection.start()
        connection.whenConnected { [weak self] result in
            switch result {
            case .success: self?.ask(connection, address, number)
            case .failure(let failure): self?.pass(number, address, failure)
            }
        }
    }

    private func ask(_ connection: CommandConnection, _ address: Address, _ number: Int) {
        connection.send(RedisCommand("CLUSTER", "SLOTS")) { [weak self] result in
            guard let self, number == self.number else { return }
            do throws(RedisFailure) {
                let map = try Self.map(in: result, askedAt: address)
                leave()
                guard verdict.receive(map) else { return askNext(after: .unavailable(.slotless)) }
                completion.take()?(.success(map))
            } catch {
                pass(number, address, error)
            }
        }
    }

    private static func map(
        in result: Result<RedisValue, RedisError>, askedAt address: Address
    ) throws(RedisFailure) -> SlotMap {
        switch result {
        case .success(let reply):
            do { return try SlotMap(reply, askedAt: address) } catch { throw .nonsense(error.message) }
        case .failure(.reply(let error)): throw error.asksToWait ? .unavailable(error) : .refused(error)
        case .failure(.lost(let failure)): throw failure
        case .failure(let error): throw .ended("\(error)")
        }
    }

    /// Goes on to the next server.
    private func pass(_ number: Int, _ address: Address, _ failure: RedisFailure) {
        guard number == self.number, completion != nil else { return }
        leave()
        verdict.receiveNothing()
        onFailure(address, failure)
        askNext(after: failure)
    }

    /// Ends the current question: the survey ignores an answer to it.
    private func leave() {
        number += 1
        patience?.cancel()
        patience = nil
        visitor.take()?.close()
    }
}
