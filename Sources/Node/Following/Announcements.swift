import Events
import Dialects

/// Who has come and gone, as announced to everyone: each connection of `presence` hears exactly those announcements that
/// are not yet in the count it was told.
struct Announcements {
    /// Announcements kept for connections that are being admitted: the count they get is older than what was announced last.
    static let kept = 256

    private var recent: [(version: Int64, delivery: Delivery)] = []

    /// Keeps an announcement that has come.
    mutating func note(_ version: Int64, _ delivery: Delivery) {
        // The data was lost: counting has begun anew.
        if let last = recent.last, version <= last.version { recent = [] }
        recent.append((version, delivery))
        if recent.count > Self.kept { recent.removeFirst() }
    }

    /// What came after the count of that version.
    func after(_ version: Int64) -> [Delivery] { recent.filter { $0.version > version }.map(\.delivery) }
}
