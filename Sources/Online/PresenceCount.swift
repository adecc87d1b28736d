package import Events

/// The counts in Redis when a user's connection was counted.
package struct PresenceCount {
    /// Users announced online and not yet offline: the number that clients add to and subtract from.
    package var announced: Int
    /// The announcements that the count includes.
    package var included: CountedAnnouncements
    /// The user's connections in the whole cluster; nil where Redis could not be asked.
    package var connections: Int?

    init(_ numbers: ClusterNumbers, connections: Int?) {
        (announced, included) = (numbers.announced, numbers.included)
        self.connections = connections
    }
}
