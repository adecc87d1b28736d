import Events

/// The buckets of presence. On one Redis there is one, with all users. Where keys are spread over several servers there are
/// more, each in a hash slot of its own, and a user's id says in which one the user is counted.
///
/// A bucket is whole in itself: each loop has a lease in each, under another name, with the users of its own that are in
/// this bucket. So what is lost, late or moved with one hash slot changes nothing in the others. The first bucket is also
/// the home of what is not about users: the list of nodes, their connections, and which tasks a loop has viewers of.
package struct PresenceBuckets: Equatable, Sendable {
    /// How many there are where keys are spread: enough that each of some ten masters has one, and few enough for every loop
    /// to renew a lease in each. Part of the layout of the keys, as all nodes must agree: no setting.
    package static let spreadCount = 16

    /// The keys of each bucket.
    package let all: [PresenceKeys]

    /// The buckets that go with this naming.
    package init(_ naming: Naming, areSpread: Bool) {
        all = (0..<(areSpread ? Self.spreadCount : 1)).map { PresenceKeys(naming, bucket: $0) }
    }

    /// The bucket that has what is not about users.
    package var home: PresenceKeys { all[0] }
    /// The bucket that has this user.
    package func keys(of user: String) -> PresenceKeys { all[UserBucket.place(of: user, among: all.count)] }
}
