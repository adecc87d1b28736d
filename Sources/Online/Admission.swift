/// How things stood in Redis when a user's connection was counted in.
package struct Admission {
    /// Users announced online and not yet offline: what a client adds to and subtracts from.
    package var announced: Int
    /// The number of the last announcement that is in it.
    package var version: Int64
    /// The user's connections in the whole cluster; nil where Redis could not be asked.
    package var connections: Int?
}

/// What the last heartbeat said of the whole cluster.
package struct ClusterNumbers {
    /// Users online.
    package var online = 0
    /// Users announced online and not yet offline.
    package var announced = 0
    /// The number of the last announcement.
    package var version: Int64 = 0
    /// WebSockets of all nodes.
    package var connections = 0
    /// Comings and goings ever that were not announced: the data was lost, or there are too many users.
    var unannounced: Int64?
}
