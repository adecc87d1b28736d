import Cluster
import RESP
import Redis

/// The command connections to the masters of a cluster, each made when it is first needed. Loop-confined.
final class MasterConnections {
    /// Called for everything that happens to a connection.
    var onEvent: (Address, RedisEvent) -> Void = { _, _ in }

    private let make: (Address) -> CommandConnection
    private var connections: [Address: CommandConnection] = [:]
    /// The outcome of the last attempt to connect to each, once there is one: why it failed, or nil.
    private var outcomes: [Address: RedisFailure?] = [:]
    /// The masters that the map names.
    private var masters: [Address] = []

    /// `make` makes a connection that is not started.
    init(_ make: @escaping (Address) -> CommandConnection) { self.make = make }

    /// The connection to `address`, which begins to connect where there was none.
    subscript(address: Address) -> CommandConnection {
        if let connection = connections[address] { return connection }
        let connection = make(address)
        connections[address] = connection
        connection.onEvent = { [weak self] event, _ in self?.note(event, address) }
        connection.otherMasters = runIDs(without: address)
        connection.start()
        return connection
    }

    /// Those that stand, of the masters that the map names.
    var ready: [(address: Address, connection: CommandConnection)] {
        masters.compactMap { address in
            connections[address].flatMap { $0.isReady ? (address, $0) : nil }
        }
    }

    /// Masters that were tried and cannot be reached.
    var away: [(address: Address, failure: RedisFailure)] {
        masters.compactMap { address in
            guard let failure = outcomes[address] ?? nil, connections[address]?.isReady != true else { return nil }
            return (address, failure)
        }
    }
    /// Whether every master that the map names was tried.
    var areSettled: Bool { masters.allSatisfy { outcomes[$0] != nil } }
    /// Whether a connection to `address` is being made for the first time.
    func isNew(_ address: Address) -> Bool { outcomes[address] == nil }
    /// Commands that wait for their replies.
    var pendingCount: Int { connections.values.reduce(0) { $0 + $1.pendingCount } }
    /// Whether a master has left a command unanswered so long.
    func isAnySilent(for milliseconds: UInt64) -> Bool {
        ready.contains { $0.connection.isSilent(for: milliseconds) }
    }

    /// The map names these: connections to all of them, and no others once nothing waits on them.
    func keep(_ addresses: [Address]) {
        masters = addresses
        for address in addresses { _ = self[address] }
        closeIdle()
        tellRunIDs()
    }

    /// Closes connections to those that are no masters any more, where nothing waits for a reply.
    func closeIdle() {
        let kept = Set(masters)
        for (address, connection) in connections where !kept.contains(address) && connection.pendingCount == 0 {
            guard outcomes[address] != nil else { continue }
            connection.close()
            connections[address] = nil
            outcomes[address] = nil
        }
    }

    func close() {
        for connection in connections.values { connection.close() }
        connections = [:]
        outcomes = [:]
    }

    private func note(_ event: RedisEvent, _ address: Address) {
        switch event {
        case .connected: settle(address, nil)
        case .lost(let failure), .failed(let failure), .refused(let failure): settle(address, failure)
        case .declined, .retrying: break
        }
        onEvent(address, event)
    }

    private func settle(_ address: Address, _ failure: RedisFailure?) {
        outcomes[address] = .some(failure)
        tellRunIDs()
    }

    /// A slot may come from any master that lives: who takes it over is told of each. Of one that has died or was demoted, what it
    /// wrote last may be lost.
    private func tellRunIDs() {
        for (address, connection) in connections { connection.otherMasters = runIDs(without: address) }
    }

    private func runIDs(without address: Address) -> [String] {
        ready.compactMap { $0.address == address ? nil : $0.connection.runID }
    }
}
