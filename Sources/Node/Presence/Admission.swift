/// How things stood in Redis when a user's connection was counted in.
struct Admission {
    /// Users announced online and not yet offline: what a client adds to and subtracts from.
    var announced: Int
    /// The number of the last announcement that is in it.
    var version: Int64
    /// The user's connections in the whole cluster; nil where Redis could not be asked.
    var connections: Int?
}

/// What the last heartbeat said of the whole cluster.
struct ClusterNumbers {
    /// Users online.
    var online = 0
    /// Users announced online and not yet offline.
    var announced = 0
    /// The number of the last announcement.
    var version: Int64 = 0
    /// WebSockets of all nodes.
    var connections = 0
    /// Comings and goings ever that were not announced: the data was lost, or there are too many users.
    var unannounced: Int64?
}
