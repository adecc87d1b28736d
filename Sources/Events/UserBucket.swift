internal import Base

/// Users online are kept in one or more buckets, each in a hash slot of its own: a user's id says in which.
public enum UserBucket {
    /// The place of the user's bucket among `count` of them: the same on every node.
    public static func place(of user: String, among count: Int) -> Int {
        guard count > 1 else { return 0 }
        // The low bits of the hash alone would depend on the low bits of each byte alone.
        let hash = FNV1a.hash32(user.utf8)
        return Int((hash ^ hash >> 16) % UInt32(count))
    }
}

/// The announcements that a count of users online includes. Each bucket of users numbers its announcements from 1, and so
/// the last one of each bucket tells them all.
public struct CountedAnnouncements: Equatable, Sendable {
    /// The number of the last announcement of each bucket.
    public let versions: [Int64]

    /// The count includes these and all earlier ones. `versions` must not be empty.
    public init(_ versions: [Int64]) {
        precondition(!versions.isEmpty, "CountedAnnouncements: there is at least one bucket")
        self.versions = versions
    }

    /// Whether the count includes the announcement of this number about `user`.
    public func include(_ version: Int64, of user: String) -> Bool {
        version <= versions[UserBucket.place(of: user, among: versions.count)]
    }
}
