import REST
import Standing

/// How one loop stands, and whether it should get clients.
struct LoopCondition {
    /// The node is stopping.
    var isDraining = false
    /// Redis does not let the loop in.
    var isRefused = false
    /// What Redis does not do that the loop needs.
    var trouble: RedisStanding.Trouble?
    /// Redis takes commands, and is known to do what is needed.
    var takesCommands = true
    /// The pub/sub connection stands.
    var isListening = true
    /// Something has come over the pub/sub connection that stands now.
    var isHeard = true
    /// What the loop publishes does not come back.
    var isProbeFailing = false
    /// Redis holds the loop's lease.
    var isRegistered = true

    /// Why the loop should get no clients now; nil when it should. What an operator must mend comes first.
    var unreadiness: Unreadiness? {
        if isDraining { return .draining }
        if isRefused { return .redisRefused }
        switch trouble {
        case .refusesWrites: return .redisRefusesWrites
        case .lacksRights: return .redisRights
        case nil: break
        }
        if !takesCommands { return .redisCommands }
        if !isListening { return .redisPubsub }
        if isProbeFailing { return .redisDelivery }
        if !isHeard { return .redisPubsub }
        return isRegistered ? nil : .presence
    }
}
