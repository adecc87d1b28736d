import Dialects
package import Events

/// The newest announcements of users who come and go. Each connection of `presence` hears exactly those announcements
/// that the count it was told does not include.
package struct Announcements {
    /// Announcements kept for connections that are being admitted: their count is older than the last announcement.
    static let kept = 256

    private var recent: [(version: Int64, delivery: Delivery)] = []

    /// Adds an announcement, and drops the oldest above the bound.
    mutating func append(_ version: Int64, _ delivery: Delivery) {
        // Redis lost its data: versions start again.
        if let last = recent.last, version <= last.version { recent = [] }
        recent.append((version, delivery))
        if recent.count > Self.kept { recent.removeFirst() }
    }

    /// The announcements after the count of that version.
    package func after(_ version: Int64) -> [Delivery] { recent.filter { $0.version > version }.map(\.delivery) }
}
