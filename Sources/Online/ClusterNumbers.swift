/// The whole cluster's counts by the last heartbeat.
package struct ClusterNumbers {
    /// Users online.
    package var online = 0
    /// Users announced online and not yet offline.
    package var announced = 0
    /// The number of the last announcement.
    package var version: Int64 = 0
    /// WebSockets of all nodes.
    package var connections = 0
    /// Changes ever that were not announced: the data was lost, or there are too many users.
    var unannounced: Int64?
}
