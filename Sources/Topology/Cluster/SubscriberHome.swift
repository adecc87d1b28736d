import Cluster
import RESP
import Redis

/// Chooses the server for the one subscriber of a loop: in a cluster all servers hear the same. Without a cluster it is
/// always the server of the URL. Loop-confined.
final class SubscriberHome: RedisFinder {
    /// The commands that know the masters, once the server is known as one of a cluster.
    weak var cluster: ClusterCommands?

    /// The addresses in the URL.
    private let addresses: [Address]
    /// The server of the last connection that was lost or failed.
    private var doubted: Address?

    init(_ addresses: [Address]) { self.addresses = addresses }

    func add(_ link: RedisLink) {}
    func remove(_ link: RedisLink) {}

    /// Chooses at random, so that the masters share the loops, and passes over the last server that failed where it can.
    func find(for link: RedisLink) {
        let ready = cluster?.masterConnections.ready.map(\.address) ?? []
        let choice = ready.isEmpty ? addresses : ready
        let others = choice.filter { $0 != doubted }
        link.didFind((others.isEmpty ? choice : others).randomElement() ?? addresses[0])
    }

    func doubt(_ address: Address, _ failure: RedisFailure) { doubted = address }
}
