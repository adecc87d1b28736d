package import Events
import Store

/// The counts of the whole cluster by the last heartbeats.
package struct ClusterNumbers {
    /// Users online.
    package var online = 0
    /// Users announced online and not yet offline.
    package var announced = 0
    /// The announcements that ``announced`` includes.
    package var included = CountedAnnouncements([0])
    /// WebSockets of all nodes.
    package var connections = 0

    init() {}

    /// The counts of all buckets together. `home` has the connections.
    init(_ buckets: [BucketNumbers], home: BucketNumbers) {
        online = Int(buckets.map { Int64($0.online) }.onlineSum)
        announced = Int(buckets.map { Int64($0.announced) }.onlineSum)
        included = CountedAnnouncements(buckets.map(\.version))
        connections = home.connections
    }
}

/// The counts of one bucket by the last reply of Redis.
struct BucketNumbers {
    /// Users online.
    var online = 0
    /// Users announced online and not yet offline.
    var announced = 0
    /// The number of the last announcement.
    var version: Int64 = 0
    /// WebSockets of all nodes, in the bucket that has them.
    var connections = 0
    /// Changes ever that were not announced: the data was lost, or there are too many users.
    var unannounced: Int64?
}
