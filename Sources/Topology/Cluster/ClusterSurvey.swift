internal import Base
import Cluster
import EventLoop
import RESP
import Redis

/// Asks one server of a cluster after the other for its map, until one answers. Loop-confined.
final class ClusterSurvey {
    /// Somebody who can be asked.
    enum Place {
        /// Over a connection that stands.
        case connected(Address, CommandConnection)
        /// Over one that is made for it.
        case address(Address)

        var address: Address {
            switch self {
            case .connected(let address, _), .address(let address): address
            }
        }
    }

    /// Told of each place that could not be asked, and why.
    var onFailure: (Address, RedisFailure) -> Void = { _, _ in }

    /// Until the next place is asked: one that hangs must not hold up the others.
    private static let patienceMilliseconds: UInt64 = 500

    private let loop: EventLoop
    private let connect: (Address) -> CommandConnection
    private var places: ArraySlice<Place> = []
    private var completion: ((Result<SlotMap, RedisFailure>) -> Void)?
    /// Counts the questions: one that was given up may still be answered.
    private var number = 0
    private var patience: Timer?
    private var visitor: CommandConnection?

    /// `connect` makes a connection that is not started, for one question.
    init(loop: EventLoop, connect: @escaping (Address) -> CommandConnection) {
        self.loop = loop
        self.connect = connect
    }

    /// Asks `places`, each once, in their order. One survey at a time.
    func begin(_ places: [Place], _ completion: @escaping (Result<SlotMap, RedisFailure>) -> Void) {
        var known: Set<Address> = []
        self.places = places.filter { known.insert($0.address).inserted }[...]
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
            return completion(.failure(failure))
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

    /// The next place.
    private func pass(_ number: Int, _ address: Address, _ failure: RedisFailure) {
        guard number == self.number, completion != nil else { return }
        leave()
        onFailure(address, failure)
        askNext(after: failure)
    }

    /// What comes now from the place that was asked is not heard.
    private func leave() {
        number += 1
        patience?.cancel()
        patience = nil
        visitor.take()?.close()
    }
}
