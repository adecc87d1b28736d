import RESP
import Redis

extension LoopCore {
    /// Why this loop should get no clients now; nil when it should.
    var unreadiness: Unreadiness? {
        if shared.draining {
            .draining
        } else if isRefusedByRedis {
            .redisRefused
        } else if let trouble = standing.trouble {
            trouble.unreadiness
        } else if !bus.isReady || !standing.isGood {
            .redisCommands
        } else if !subscriptions.isReady {
            .redisPubsub
        } else if !probe.isHeard || probe.isFailing {
            probe.isFailing ? .redisDelivery : .redisPubsub
        } else if !presence.isRegistered {
            .presence
        } else {
            nil
        }
    }
}

extension RedisStanding.Trouble {
    fileprivate var unreadiness: Unreadiness {
        switch self {
        case .refusesWrites: .redisRefusesWrites
        case .lacksRights: .redisRights
        }
    }
}
