import Hub
package import Settings

extension FollowingLimits {
    /// The bounds that a node's limits and settings give.
    package init(_ limits: NodeLimits, _ configuration: Configuration) {
        self.init()
        lingerMilliseconds = limits.lingerMilliseconds
        recentBytes = limits.recentBytes
        replayBytes = limits.replayBytes
        missedMilliseconds = limits.missedMilliseconds
        answerMilliseconds = limits.answerMilliseconds
        repairMilliseconds = limits.repairMilliseconds
        setAsideBytes = limits.outbox.softBytes
        eventBytes = limits.eventBytes
        jsonDepth = limits.jsonDepth
        askedPerConnection = configuration.subscriptionsPerConnection
        probeMilliseconds = configuration.probeMilliseconds
        positionCheckMilliseconds = configuration.positionCheckMilliseconds
        droppedPerThousand = configuration.droppedPerThousand
    }
}
