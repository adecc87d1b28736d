import Hub
import Testing

@Suite("Waiting list")
struct WaitingListTests {
    /// A key that counts comparisons with any of its kind.
    private final class Looks {
        var count = 0
    }

    private struct Key: Hashable {
        let number: Int
        let looks: Looks

        static func == (one: Key, other: Key) -> Bool {
            one.looks.count += 1
            return one.number == other.number
        }

        func hash(into hasher: inout Hasher) {
            looks.count += 1
            hasher.combine(number)
        }
    }

    @Test("waits come out in order, by waiter and by object")
    func order() {
        var list = WaitingList<String, String, Int>()
        for (number, (who, what)) in [("a", "x"), ("b", "x"), ("a", "y"), ("a", "x"), ("c", "y")].enumerated() {
            list.add(number, of: who, for: what)
        }
        #expect(list.waits(of: "a").map(\.wish) == [0, 2, 3])
        #expect(list.waits(for: "x") == [0, 1, 3] && list.waits(for: "z").isEmpty)
        #expect(list.removeAll(for: "x") { $0 > 0 } == [1, 3])
        #expect(list.removeAll(of: "a", for: "y") { _ in true } == [2])
        #expect(list.removeAll(of: "a").map(\.wish) == [0])
        #expect(list.isEmpty(for: "x") && !list.isEmpty(for: "y"))
        #expect(list.removeAll(for: "y") { _ in true } == [4])
        #expect(list.count == 0 && list.isEmpty(for: "y"))
    }

    @Test("a ticket removes its own wait, once, and not an equal one")
    func tickets() {
        var list = WaitingList<String, String, Int>()
        let first = list.add(1, of: "a", for: "x")
        list.add(2, of: "a", for: "x")
        let removals = [list.remove(first), list.remove(first), list.remove(99)]
        #expect(removals == [true, false, false])
        #expect(list.waits(of: "a").map(\.wish) == [2])
    }

    @Test(
        "who leaves costs what that one waits for, not what all others do", arguments: [true, false])
    func cost(_ isForTheSame: Bool) {
        let looks = Looks()
        func key(_ number: Int) -> Key { Key(number: number, looks: looks) }
        func cost(ofLeavingAmong count: Int) -> Int {
            var list = WaitingList<Key, Key, Int>()
            for number in 0..<count { list.add(number, of: key(number), for: key(isForTheSame ? -1 : number)) }
            looks.count = 0
            #expect(list.removeAll(of: key(count / 2)).count == 1)
            return looks.count
        }
        let costs = (cost(ofLeavingAmong: 10), cost(ofLeavingAmong: 10_000))
        // Keys that share a slot are compared: some, never thousands.
        #expect(costs.1 < costs.0 + 200, "\(costs)")
    }
}
