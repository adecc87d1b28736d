package import Telemetry
package import Settings
package import Access
package import Base
package import EventLoop
import Glibc
package import HTTP
package import Hub
import Synchronization
package import TLS

/// The connections of one loop: accepts them, keeps them alive, and ends them.
package final class LoopConnections {
    /// Bytes read from a client at a time.
    package static let readBytes = 16 * 1024
    /// Frames handed to the kernel at a time: IOV_MAX of Linux.
    package static let vectorLength = 1024

    package let loop: EventLoop
    package let hub: Hub
    package let limits: NodeLimits
    package let trustedProxies: [AddressRange]
    package let tally: Tally<ServingCounters>
    private let clients: ClientLog
    /// Collects frames for one write.
    let vector = UnsafeMutableBufferPointer<iovec>.allocate(capacity: vectorLength)
    private let node: NodeClients
    /// Makes the first conversation of a new connection.
    private let begin: (Connection) -> any Conversation
    private let handshakesPerAddress: Int
    /// Milliseconds between two ticks of the heartbeat ring.
    private let tickMilliseconds: UInt64
    private var isBatching = false
    private var table: ConnectionTable
    private var heartbeats: HeartbeatRing<Connection>
    private var handshakes = PendingHandshakes()

    /// `begin` makes the first conversation of a new connection.
    package init(
        loopIndex: Int, loop: EventLoop, hub: Hub, limits: NodeLimits, configuration: Configuration, node: NodeClients,
        tally: Tally<ServingCounters>, clients: ClientLog, begin: @escaping (Connection) -> any Conversation
    ) {
        self.loop = loop
        self.hub = hub
        self.limits = limits
        self.node = node
        self.tally = tally
        self.clients = clients
        self.begin = begin
        trustedProxies = configuration.trustedProxies
        handshakesPerAddress = configuration.handshakesPerAddress
        table = ConnectionTable(loopIndex: loopIndex)
        let ticks = Heartbeat.ticks(inMilliseconds: configuration.heartbeatMilliseconds)
        tickMilliseconds = UInt64(max(1, configuration.heartbeatMilliseconds / ticks))
        heartbeats = HeartbeatRing(ticks: ticks, seat: \.heartbeatSeat)
    }

    deinit { vector.deallocate() }

    /// The number of connections.
    package var count: Int { table.count }
    /// The number of connections without a complete request head.
    package var pendingHandshakes: Int { handshakes.count }

    /// Whether the peer is a proxy that may name its clients.
    package func isTrusted(_ peer: SocketAddress) -> Bool { trustedProxies.contains { $0.contains(peer) } }

    // MARK: Coming

    /// A client has connected; with a certificate the connection speaks TLS. Operators are neither counted nor refused: they come
    /// when the node is full.
    package func accept(_ stream: Stream, role: ListenerRole, certificate: ServerCertificate? = nil) {
        tally.counters.accepted += 1
        let id = table.makeID()
        if role != .operators {
            guard hasRoom else {
                let peer = stream.peer?.description ?? ""
                clients.refused(.full, ClientLog.Client(connection: id, peer: peer), "closed unheard")
                return stream.close()
            }
            node.beginConnection()
        }
        let connection = Connection(id: id, stream: stream, connections: self, role: role)
        table.insert(connection)
        if let certificate { secure(stream, with: certificate) }
        connection.start(begin(connection))
    }

    /// A client comes that polls, by a request over `other`: from now on it is a connection of its own.
    package func open(_ polls: PollTransport, like other: Connection) -> Connection {
        let connection = Connection(id: table.makeID(), polls: polls, like: other)
        node.beginConnection()
        table.insert(connection)
        return connection
    }

    private func secure(_ stream: Stream, with certificate: ServerCertificate) {
        // Fails where there is no memory only.
        do throws(TLSError) { stream.secure(with: try certificate.connection()) } catch { stream.close() }
    }

    /// TLS with a client has failed.
    func didFail(_ connection: Connection, _ error: TLSError) {
        clients.refused(.tls, connection.client, error.message)
    }

    /// Whether the loop can take another connection, if only to answer that the node is full.
    private var hasRoom: Bool {
        node.connectionCount < limits.connections + limits.connectionsToRefuse
    }

    /// A connection has not sent a request head. Where there are too many of these, the oldest is closed.
    package func beginHandshake(of connection: Connection) {
        guard connection.role != .operators else { return }
        let client = connection.clientBlock
        let leaving = handshakes.insert(
            connection.id, of: client, held: client.map(node.beginHandshake) ?? 0,
            mostOfClient: handshakesPerAddress, most: limits.pendingHandshakes)
        for leaving in leaving { makeWay(leaving) }
    }

    private func makeWay(_ leaving: PendingHandshakes.Leaving) {
        guard let connection = table[leaving.connection] else { return }
        clients.refused(
            leaving.reason, connection.client,
            leaving.reason == .addressHandshakes
                ? "its address has \(handshakesPerAddress) connections without a complete request"
                : "too many connections have no complete request")
        connection.conversation?.makeWay()
    }

    /// The connection's request head is complete, or the connection has ended.
    package func endHandshake(of connection: Connection) {
        if let client = handshakes.remove(connection.id) { node.endHandshake(of: client) }
    }

    // MARK: Open connections

    /// The connection is a WebSocket now, and gets heartbeats.
    package func keepAlive(_ connection: Connection) { heartbeats.insert(connection) }

    /// Starts to send heartbeats: at each tick a new one to the connections of one slot.
    package func start(_ heartbeat: @escaping () -> Heartbeat) {
        loop.schedule(after: tickMilliseconds) { [weak self] in
            guard let self else { return }
            let now = heartbeat()
            for connection in heartbeats.advance() { connection.following?.beat(now) }
            start(heartbeat)
        }
    }

    /// Writes the outboxes of connections. Batches for viewers that take several messages as one collect a little
    /// longer.
    package func flush() {
        hub.flush()
        guard hub.hasBatches, !isBatching else { return }
        isBatching = true
        loop.schedule(after: limits.batchMilliseconds) { [weak self] in
            self?.isBatching = false
            self?.hub.flushBatches()
        }
    }

    /// Passes a connection the answer to its request. The connection may have ended.
    package func answer(_ id: ConnectionID, with response: Response) { table[id]?.conversation?.finish(with: response) }

    /// Tells the count of users online to every client that has one.
    package func tellCounts() {
        for connection in Array(table.all) { connection.following?.tellCount() }
    }

    // MARK: Moving

    /// `heir` gets the socket of `connection`, which is forgotten; its client notices nothing. Not from within a call
    /// of the connection. False where the socket has ended.
    package func move(_ connection: Connection, to heir: Connection) -> Bool {
        guard table[connection.id] != nil, connection.give(to: heir) else { return false }
        didEnd(connection)
        return true
    }

    /// Takes the connection's socket out of the loop, for another loop of the node. Not from within a call of the
    /// connection. Nil where the socket has ended, or bytes wait to be written to it.
    package func detach(_ connection: Connection) -> DetachedStream? {
        guard table[connection.id] != nil, let detached = connection.detach() else { return nil }
        forget(connection)
        return detached
    }

    /// A connection that another loop of the node has accepted goes on here.
    package func attach(_ detached: DetachedStream, role: ListenerRole) -> Connection? {
        guard let stream = try? Stream(loop: loop, taking: detached) else {
            if role != .operators { node.endConnection() }
            return nil
        }
        let connection = Connection(id: table.makeID(), stream: stream, connections: self, role: role)
        table.insert(connection)
        return connection
    }

    // MARK: Ending

    /// Closes every WebSocket and event stream of a user.
    package func closeAll(of user: String) {
        for connection in Array(table.all) {
            if let following = connection.following, following.user == user { following.closeForAdministrator() }
        }
    }

    /// A connection's socket is closed.
    package func didEnd(_ connection: Connection) {
        forget(connection)
        if connection.role != .operators { node.endConnection() }
    }

    private func forget(_ connection: Connection) {
        heartbeats.remove(connection)
        _ = hub.remove(connection.subscriber)
        table.remove(connection)
    }

    /// Closes every connection, spread over `milliseconds`, so that the clients do not all reconnect in one second.
    func drain(over milliseconds: UInt64) {
        let all = Array(table.all)
        for (place, connection) in all.enumerated() {
            let delay = milliseconds * UInt64(place) / UInt64(max(1, all.count))
            loop.schedule(after: delay) { [weak connection] in connection?.drain() }
        }
    }
}
