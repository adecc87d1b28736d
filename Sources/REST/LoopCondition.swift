package import Standing

/// The condition of one loop, and whether clients should use it.
package struct LoopCondition: Sendable {
    /// The node is stopping.
    var isDraining: Bool
    /// Redis refuses the loop's login.
    var isRefused: Bool
    /// What Redis cannot do that the loop needs.
    var trouble: RedisStanding.Trouble?
    /// Redis takes commands, and does what the loop needs.
    var takesCommands: Bool
    /// What the loop cannot reach of a cluster.
    var absentShards: [String]
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
        takesCommands: Bool = true, absentShards: [String] = [], isListening: Bool = true, isHeard: Bool = true,
        isProbeFailing: Bool = false, isRegistered: Bool = true
    ) {
        self.isDraining = isDraining
        self.isRefused = isRefused
        self.trouble = trouble
        self.takesCommands = takesCommands
        self.absentShards = absentShards
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
        if !absentShards.isEmpty { return .redisShard }
        if !isListening { return .redisPubsub }
        if isProbeFailing { return .redisDelivery }
        if !isHeard { return .redisPubsub }
        return isRegistered ? nil : .presence
    }
}
