import Cluster
import RESP
import Redis

/// Which server of a cluster the one subscriber of a loop is connected to, where all hear the same; always the same one where it is
/// no cluster. Loop-confined.
final class SubscriberHome: RedisFinder {
    /// Who knows the masters, once it is known to be a cluster.
    weak var cluster: ClusterCommands?

    /// Where to begin.
    private let addresses: [Address]
    /// Who was lost last, or could not be reached.
    private var doubted: Address?

    init(_ addresses: [Address]) { self.addresses = addresses }

    func add(_ link: RedisLink) {}
    func remove(_ link: RedisLink) {}

    /// Each loop chooses by chance, so that the masters share the loops; another than the last where there is one.
    func find(for link: RedisLink) {
        let ready = cluster?.masterConnections.ready.map(\.address) ?? []
        let choice = ready.isEmpty ? addresses : ready
        let others = choice.filter { $0 != doubted }
        link.didFind((others.isEmpty ? choice : others).randomElement() ?? addresses[0])
    }

    func doubt(_ address: Address, _ failure: RedisFailure) { doubted = address }
}
