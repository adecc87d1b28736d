package import Standing

/// How one loop stands, and whether it should get clients.
package struct LoopCondition {
    /// The node is stopping.
    var isDraining: Bool
    /// Redis does not let the loop in.
    var isRefused: Bool
    /// What Redis does not do that the loop needs.
    var trouble: RedisStanding.Trouble?
    /// Redis takes commands, and is known to do what is needed.
    var takesCommands: Bool
    /// Every master of the cluster can be asked, if Redis is one.
    var isWhole: Bool
    /// The pub/sub connection stands.
    var isListening: Bool
    /// Something has come over the pub/sub connection that stands now.
    var isHeard: Bool
    /// What the loop publishes does not come back.
    var isProbeFailing: Bool
    /// Redis holds the loop's lease.
    var isRegistered: Bool

    /// How a loop stands; what is not said is well.
    package init(
        isDraining: Bool = false, isRefused: Bool = false, trouble: RedisStanding.Trouble? = nil,
        takesCommands: Bool = true, isWhole: Bool = true, isListening: Bool = true, isHeard: Bool = true,
        isProbeFailing: Bool = false,
        isRegistered: Bool = true
    ) {
        self.isDraining = isDraining
        self.isRefused = isRefused
        self.trouble = trouble
        self.takesCommands = takesCommands
        self.isWhole = isWhole
        self.isListening = isListening
        self.isHeard = isHeard
        self.isProbeFailing = isProbeFailing
        self.isRegistered = isRegistered
    }

    /// Why the loop should get no clients now; nil when it should. What an operator must mend comes first.
    package var unreadiness: Unreadiness? {
        if isDraining { return .draining }
        if isRefused { return .redisRefused }
        switch trouble {
        case .refusesWrites: return .redisRefusesWrites
        case .lacksRights: return .redisRights
        case nil: break
        }
        if !takesCommands { return .redisCommands }
        if !isWhole { return .redisShard }
        if !isListening { return .redisPubsub }
        if isProbeFailing { return .redisDelivery }
        if !isHeard { return .redisPubsub }
        return isRegistered ? nil : .presence
    }
}
