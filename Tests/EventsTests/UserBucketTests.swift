import Testing

@testable import Events

@Suite("The buckets of users")
struct UserBucketTests {
    @Test("are the same on every node of every version, or a user would be counted twice")
    func places() {
        #expect(["", "a", "anna", "123", "user-7"].map { UserBucket.place(of: $0, among: 16) } == [9, 0, 7, 3, 13])
        #expect(UserBucket.place(of: "anna", among: 1) == 0)
    }

    @Test("have about as many users each")
    func even() {
        var counts = Array(repeating: 0, count: 16)
        for number in 0..<16_000 { counts[UserBucket.place(of: "user-\(number)", among: 16)] += 1 }
        #expect(counts.allSatisfy { (800...1_200).contains($0) }, "\(counts)")
    }

    @Test("number their announcements each for itself")
    func included() {
        let users = (0..<100).map { "user-\($0)" }
        let first = users.filter { UserBucket.place(of: $0, among: 2) == 0 }
        let counted = CountedAnnouncements([5, 9])
        for user in users {
            let last: Int64 = first.contains(user) ? 5 : 9
            #expect(counted.include(last, of: user) && counted.include(.min, of: user))
            #expect(!counted.include(last + 1, of: user) && !counted.include(.max, of: user))
        }
        #expect(first.count > 20 && first.count < 80)
    }
}
