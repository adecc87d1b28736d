import EventLoop
import Store
import RESP
import Redis

/// Reaps dead loops, and announces users who are gone. Every loop does so: the scripts share the work.
final class Reaper {
    private let store: PresenceStore
    private var dead = DeadLoops()

    init(store: PresenceStore) { self.store = store }

    private var limits: PresenceLimits { store.limits }

    /// Starts to check, twice a second.
    func start() {
        store.loop.every(milliseconds: UInt64(PresenceLimits.tickMilliseconds)) { [weak self] in self?.tick() }
    }

    private func tick() {
        guard store.isCounting, !dead.isBusy else { return }
        store.run(TickScript(limits: store.announcing, everyone: store.everyone, keys: store.keys)) {
            [weak self] result in
            guard let self, case .success(let found) = result else { return }
            begin(found.gone)
            askServers(about: found.late)
        }
    }

    private func begin(_ gone: [String]) {
        guard !dead.isBusy else { return }
        takeOut(dead.begin(gone.filter { $0 != self.store.lease.name }))
    }

    /// Where keys are spread over several servers, each has some of the subscribers. One that is away may have some, too:
    /// then late loops get the rest of their leases.
    private func askServers(about late: [String]) {
        let servers = store.servers
        guard !late.isEmpty, !servers.isEmpty else { return }
        var unheard = UnheardLoops(late, servers: servers.count)
        for server in servers {
            server.send(ControlSubscribers(of: late, keys: store.keys)) { [weak self] result in
                if let dead = unheard.add(try? result.get()) { self?.begin(dead) }
            }
        }
    }

    private func takeOut(_ next: String?) {
        guard let next else { return }
        takeOut(next, isOwn: false) { [weak self] hasMore in
            guard let self else { return }
            takeOut(dead.didTakeOut(hasMore: hasMore))
        }
    }

    /// Reaps a chunk, and says whether there is more.
    func takeOut(_ incarnation: String, isOwn: Bool, _ completion: @escaping (Bool) -> Void) {
        store.run(ReapScript(incarnation, limits: limits, isOwn: isOwn, keys: store.keys)) { [store] result in
            switch result {
            case .success(.users): completion(true)
            case .success(.rooms): EmptyingRooms(of: incarnation, store: store, completion).start()
            case .success(.done), .failure: completion(false)
            }
        }
    }
}
