import Cluster
import RESP
import Redis

/// The command connections to the masters of a cluster, each made at its first use. Loop-confined.
final class MasterConnections {
    /// Called for every event of a connection.
    var onEvent: (Address, RedisEvent) -> Void = { _, _ in }

    /// Called for each reply, with the microseconds since its command.
    var onReply: ((UInt64) -> Void)?

    private let make: (Address) -> CommandConnection
    private var connections: [Address: CommandConnection] = [:]
    /// The outcome of the last attempt to connect to each, once there is one: why it failed, or nil.
    private var outcomes: [Address: RedisFailure?] = [:]
    /// The masters that the map names.
    private var masters: [Address] = []
    /// The masters that have no slots yet.
    private var newcomers: [Address] = []
    /// The run id of each of both at its last connection. It holds while the connection is lost: a master that starts
    /// again has another one, and a replica that takes over has another address.
    private var runIDs: [Address: String] = [:]

    /// `make` returns a connection that is not started yet.
    init(_ make: @escaping (Address) -> CommandConnection) { self.make = make }

    /// The connection to `address`; a new one starts to connect.
    subscript(address: Address) -> CommandConnection {
        if let connection = connections[address] { return connection }
        let connection = make(address)
        connections[address] = connection
        connection.onEvent = { [weak self] event, _ in self?.receive(event, address) }
        connection.onReply = onReply
        connection.otherMasters = runIDs(without: address)
        connection.start()
        return connection
    }

    /// The masters of the map that take commands.
    var ready: [(address: Address, connection: CommandConnection)] {
        masters.compactMap { address in
            connections[address].flatMap { $0.isReady ? (address, $0) : nil }
        }
    }

    /// The masters without slots that take commands.
    var readyNewcomers: [CommandConnection] { newcomers.compactMap { connections[$0] }.filter(\.isReady) }
    /// Whether the server at `address` is a master without slots.
    func isNewcomer(_ address: Address) -> Bool { newcomers.contains(address) }

    /// The masters of the map that cannot be reached, after at least one attempt.
    var away: [(address: Address, failure: RedisFailure)] {
        masters.compactMap { address in
            guard let failure = outcomes[address] ?? nil, connections[address]?.isReady != true else { return nil }
            return (address, failure)
        }
    }
    /// Whether every master of the map had at least one attempt. Of one that is demoted another has the slots: until the
    /// map says which, nobody knows whether commands can be sent.
    var areSettled: Bool { masters.allSatisfy { outcomes[$0] != nil && !isDemoted($0) } }
    /// Whether the first attempt to connect to `address` is not over.
    func isNew(_ address: Address) -> Bool { outcomes[address] == nil }
    /// Whether the server at `address` is a replica now: of the master that took its slots over.
    func isDemoted(_ address: Address) -> Bool {
        guard case .unavailable(let error)?? = outcomes[address] else { return false }
        return error.isReadOnly
    }
    /// The number of commands that wait for replies.
    var pendingCount: Int { connections.values.reduce(0) { $0 + $1.pendingCount } }
    /// Whether a master has left a command unanswered for this time.
    func isAnySilent(for milliseconds: UInt64) -> Bool {
        ready.contains { $0.connection.isSilent(for: milliseconds) }
    }

    /// Connects to the masters of a new map; closes connections to all other servers once no command waits on them.
    func keep(_ addresses: [Address]) {
        masters = addresses
        newcomers.removeAll(where: addresses.contains)
        connectAll()
    }

    /// Connects to the masters that have no slots: each may take one over, and must then know who wrote there before.
    func welcome(_ addresses: [Address]) {
        let others = addresses.filter { !masters.contains($0) }
        guard others != newcomers else { return }
        newcomers = others
        connectAll()
    }

    private func connectAll() {
        let all = masters + newcomers
        runIDs = runIDs.filter { all.contains($0.key) }
        // One that was asked before it had slots has connected before.
        for address in all where self[address].isReady { runIDs[address] = self[address].runID }
        closeIdle()
        tellRunIDs()
    }

    /// Closes connections to servers that are no masters, where no command waits for a reply.
    func closeIdle() {
        let kept = Set(masters + newcomers)
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

    private func receive(_ event: RedisEvent, _ address: Address) {
        switch event {
        case .connected: settle(address, nil)
        case .lost(let failure), .failed(let failure), .refused(let failure): settle(address, failure)
        case .declined, .tookOver, .retrying: break
        }
        onEvent(address, event)
    }

    private func settle(_ address: Address, _ failure: RedisFailure?) {
        outcomes[address] = .some(failure)
        if failure == nil { runIDs[address] = connections[address]?.runID }
        tellRunIDs()
    }

    /// Tells each master the run ids of the others: a slot that it takes over from one of them has lost nothing. A replica
    /// that has taken over from a master may lack its last writes, so that master's run id is not told any more.
    private func tellRunIDs() {
        for (address, connection) in connections { connection.otherMasters = runIDs(without: address) }
    }

    private func runIDs(without address: Address) -> [String] {
        (masters + newcomers).compactMap { $0 == address ? nil : runIDs[$0] }
    }
}
