import Events
import JSON
import Testing

@testable import Following

@Suite("Announcements that a count does not include")
struct AnnouncementsTests {
    /// Users of the first and of the second of two buckets.
    private static let (one, two) = ("a", "b")

    /// Announcements of these users, with their numbers.
    private func announcements(_ all: [(String, Int64)], buckets: Int) throws -> Announcements {
        var announcements = Announcements(buckets: buckets)
        for (user, version) in all { try append(version, user, to: &announcements) }
        return announcements
    }

    private func append(_ version: Int64, _ user: String, to announcements: inout Announcements) throws {
        let text = #"{"type":"user_status","said":"\#(user)\#(version)"}"#
        let parser = JSONParser(maxBytes: 100)
        let event = try Event(parser.object(Array(text.utf8)), parser: parser)
        let delivery = Delivery(
            channel: .everyone, event: event, knowledge: TaskKnowledge(), position: nil, timestamp: 0)
        announcements.append(version, of: user, delivery)
    }

    private func after(_ versions: [Int64], _ announcements: Announcements) -> Set<String> {
        Set(announcements.after(CountedAnnouncements(versions)).compactMap { $0.event.object["said"]?.string })
    }

    @Test("are those of each bucket after its last one that is included")
    func buckets() throws {
        #expect(UserBucket.place(of: Self.one, among: 2) == 0 && UserBucket.place(of: Self.two, among: 2) == 1)
        let all = try announcements([("a", 1), ("b", 1), ("a", 2), ("b", 2), ("a", 3)], buckets: 2)
        #expect(after([0, 0], all) == ["a1", "a2", "a3", "b1", "b2"])
        #expect(after([2, 0], all) == ["a3", "b1", "b2"] && after([0, 2], all) == ["a1", "a2", "a3"])
        #expect(after([3, 1], all) == ["b2"] && after([.max, .max], all) == [])
    }

    @Test("are numbered from 1 again in the bucket that lost its data, and there alone")
    func again() throws {
        var all = try announcements([("a", 7), ("b", 7), ("a", 1)], buckets: 2)
        #expect(after([0, 0], all) == ["a1", "b7"])
        all.forget(bucket: 1)
        #expect(after([0, 0], all) == ["a1"])
    }

    @Test("are bounded in each bucket")
    func bound() throws {
        let most = Int64(Announcements.kept)
        var all = try announcements([("b", 1)], buckets: 2)
        for version in 1...most + 1 { try append(version, "a", to: &all) }
        let found = after([0, 0], all)
        #expect(found.count == Int(most) + 1 && found.contains("b1") && !found.contains("a1"))
    }
}
