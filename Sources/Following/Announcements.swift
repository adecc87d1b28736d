package import Events

/// The newest announcements of users who come and go. Each connection of `presence` hears exactly those announcements
/// that the count it was told does not include.
package struct Announcements {
    /// Announcements of one bucket of users kept for connections that are being admitted: their count is older than the
    /// last announcement.
    static let kept = 256

    private struct Entry {
        let version: Int64
        let user: String
        let delivery: Delivery
    }

    /// Of each bucket its own, in the order of their numbers.
    private var recent: [[Entry]]

    /// Announcements of so many buckets.
    init(buckets count: Int = 1) { recent = Array(repeating: [], count: count) }

    /// Adds an announcement about `user`, and drops the oldest of its bucket above the bound.
    mutating func append(_ version: Int64, of user: String, _ delivery: Delivery) {
        let place = UserBucket.place(of: user, among: recent.count)
        // Redis lost its data: versions start again.
        if let last = recent[place].last, version <= last.version { recent[place] = [] }
        recent[place].append(Entry(version: version, user: user, delivery: delivery))
        if recent[place].count > Self.kept { recent[place].removeFirst() }
    }

    /// The versions of a bucket start again.
    mutating func forget(bucket place: Int) { recent[place] = [] }

    /// The announcements that a count does not include.
    package func after(_ counted: CountedAnnouncements) -> [Delivery] {
        recent.joined().filter { !counted.include($0.version, of: $0.user) }.map(\.delivery)
    }
}
