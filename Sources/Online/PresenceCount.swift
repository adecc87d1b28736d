/// The counts in Redis when a user's connection was counted.
package struct PresenceCount {
    /// Users announced online and not yet offline: the number that clients add to and subtract from.
    package var announced: Int
    /// The number of the last announcement that the count includes.
    package var version: Int64
    /// The user's connections in the whole cluster; nil where Redis could not be asked.
    package var connections: Int?
}
