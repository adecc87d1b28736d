import Events
import RESP
import Testing

@testable import Store

@Suite("Buckets of presence")
struct BucketTests {
    @Test("are one on one Redis, under the names that every version has used")
    func one() {
        let buckets = PresenceBuckets(.standard, areSpread: false)
        #expect(buckets.all.map(\.base) == ["ft:{online}:"] && buckets.home.control(of: "i") == "ft:{online}:node:i")
        for user in ["a", "b", "c"] { #expect(buckets.keys(of: user) == buckets.home) }
    }

    @Test("are in other hash slots each, at all of a few masters; one right covers their control channels")
    func spread() throws {
        let naming = try #require(Naming(keyPrefix: "app", channelPrefix: "x:"))
        for (naming, start) in [(Naming.standard, "ft:{online"), (naming, "app:{x:online")] {
            let buckets = PresenceBuckets(naming, areSpread: true).all
            #expect(buckets.count == 16 && buckets[0] == PresenceBuckets(naming, areSpread: false).home)
            #expect(buckets.dropFirst().map(\.base) == (1..<16).map { "\(start):\($0)}:" })
            #expect(Set(buckets.map { $0.control(of: "i") }) == [start + "}:node:i"])
            for keys in buckets { #expect(Set((keys.shared + [keys.users(of: "i")]).map(HashSlot.of)).count == 1) }
            let slots = buckets.map { HashSlot.of($0.base).number }
            #expect(Set(slots).count == 16)
            for masters in 2...4 { #expect(Set(slots.map { $0 * masters / HashSlot.count }).count == masters) }
        }
    }

    @Test("have each user in one of them")
    func users() {
        let buckets = PresenceBuckets(.standard, areSpread: true)
        let homes = Set((0..<500).map { buckets.keys(of: "user-\($0)").base })
        #expect(homes.count == 16 && buckets.keys(of: "anna") == buckets.keys(of: "anna"))
    }

    @Test("together list the users in the order of their bytes, each once, a page at a time")
    func pages() {
        func page(_ names: String..., online: Int64, at now: Int64) -> ListUsersScript.Page {
            let users = names.map { ListUsersScript.OnlineUser(id: $0, connections: 1, status: nil) }
            return ListUsersScript.Page(milliseconds: now, online: online, users: users)
        }
        let pages = [page("a", "c", "d", online: 4, at: 7), page("B", "b", online: 2, at: 9), page(online: 0, at: 8)]
        let all = ListUsersScript.Page(of: pages, count: 3)
        #expect(all.users.map(\.id) == ["B", "a", "b"] && all.online == 6 && all.milliseconds == 9)
        #expect(ListUsersScript.Page(of: pages, count: 9).users.map(\.id) == ["B", "a", "b", "c", "d"])
        #expect(ListUsersScript.Page(of: [], count: 9) == page(online: 0, at: 0))
        #expect([Int64.max, 1].onlineSum == .max && [Int64.min, -1].onlineSum == .min && [Int64]().onlineSum == 0)
    }
}
