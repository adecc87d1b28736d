import Events
import Dialects
import EventLoop
import Store
import RESP
import Redis

/// Takes out what dead loops have left, and has those announced who have gone. Every loop does so: the scripts share the work.
final class Reaper {
    private unowned let keeper: PresenceKeeper
    private var isBusy = false

    init(keeper: PresenceKeeper) { self.keeper = keeper }

    private var core: LoopCore { keeper.core }
    private var limits: PresenceLimits { keeper.limits }

    /// Begins to look, twice a second.
    func start() {
        core.loop.schedule(after: UInt64(PresenceLimits.tickMilliseconds)) { [weak self] in
            self?.tick()
            self?.start()
        }
    }

    private func tick() {
        guard keeper.isRegistered, core.redis.isReady, !isBusy else { return }
        let everyone = core.shared.configuration.naming.channel(ChannelName.everyone.text)
        core.redis.run(TickScript(limits: limits, everyone: everyone, keys: keeper.keys)) { [weak self] result in
            guard let self, case .success(let late) = result else { return }
            takeOut(late.filter { $0 != self.keeper.incarnation })
        }
    }

    /// Takes several out, one after the other, a chunk at a time: Redis serves others in between.
    private func takeOut(_ incarnations: [String]) {
        guard let first = incarnations.first else {
            isBusy = false
            return
        }
        isBusy = true
        takeOut(first, isOwn: false) { [weak self] hasMore in
            self?.takeOut(hasMore ? incarnations : Array(incarnations.dropFirst()))
        }
    }

    private func takeOut(_ incarnation: String, isOwn: Bool, _ completion: @escaping (Bool) -> Void) {
        core.redis.run(ReapScript(incarnation, limits: limits, isOwn: isOwn, keys: keeper.keys)) { [weak self] result in
            switch result {
            case .success(.users): completion(true)
            case .success(.rooms): self?.emptyRooms(of: incarnation, completion)
            case .success(.done), .failure: completion(false)
            }
        }
    }

    /// Takes a loop's viewers out of some rooms, and then the rooms off its list: what dies in between is done again. Each
    /// room is a key of its own.
    private func emptyRooms(of incarnation: String, _ completion: @escaping (Bool) -> Void) {
        core.redis.send(RoomsRequest(of: incarnation, keys: keeper.keys)) { [weak self] result in
            guard let self, case .success(let rooms) = result, !rooms.isEmpty else { return completion(false) }
            var left = rooms.count
            var hasFailed = false
            for room in rooms {
                core.redis.send(EmptyRoom(room, of: incarnation)) { [weak self] result in
                    if case .failure = result { hasFailed = true }
                    left -= 1
                    guard left == 0 else { return }
                    guard let self, !hasFailed else { return completion(false) }
                    core.redis.send(LeaveRooms(rooms, by: incarnation, keys: keeper.keys)) { result in
                        if case .success = result { completion(true) } else { completion(false) }
                    }
                }
            }
        }
    }

    /// Takes a chunk out; answers whether there is more.
    func takeOut(_ incarnation: String, isOwn: Bool, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        await withCheckedContinuation(isolation: isolation) { continuation in
            takeOut(incarnation, isOwn: isOwn) { continuation.resume(returning: $0) }
        }
    }
}
