package import Standing

/// The condition of one loop, and whether clients should use it.
package struct LoopCondition {
    /// The node is stopping.
    var isDraining: Bool
    /// Redis refuses the loop's login.
    var isRefused: Bool
    /// What Redis cannot do that the loop needs.
    var trouble: RedisStanding.Trouble?
    /// Redis takes commands, and does what the loop needs.
    var takesCommands: Bool
    /// Every master of the cluster can be asked, if Redis is one.
    var isWhole: Bool
    /// The pub/sub connection is open.
    var isListening: Bool
    /// A message arrived over the current pub/sub connection.
    var isHeard: Bool
    /// The loop does not hear its own probes.
    var isProbeFailing: Bool
    /// Redis holds the loop's lease.
    var isRegistered: Bool

    /// A loop's condition; the defaults are good.
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

    /// Why clients should not use the loop now; nil when they should. An operator's tasks come first.
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
