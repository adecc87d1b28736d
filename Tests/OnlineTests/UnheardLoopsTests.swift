import Events
import Testing

@testable import Online

@Suite("Late loops that no server hears")
struct UnheardLoopsTests {
    @Test(
        "are those without a subscriber at any server, once all have answered",
        arguments: [
            ([[0, 0]], ["a", "b"]), ([[1, 0]], ["b"]), ([[0, 1]], ["a"]), ([[2, 1]], []), ([nil], []),
            ([[0, 0], [0, 0]], ["a", "b"]), ([[0, 0], [1, 0]], ["b"]), ([[1, 0], [0, 0]], ["b"]),
            ([[1, 0], [0, 1]], []),
            ([[0, 0], nil], []), ([nil, [0, 0]], []), ([[0], [0, 0]], []), ([[0, 0, 0]], []), ([[-1, .max]], []),
        ] as [([[Int64]?], [String])])
    func unheard(answers: [[Int64]?], dead: [String]) {
        var loops = UnheardLoops(["a", "b"], servers: answers.count)
        for answer in answers.dropLast() {
            let early = loops.add(answer)
            #expect(early == nil)
        }
        let found = loops.add(answers.last!)
        #expect(found == dead)
    }
}

@Suite("The counts of all buckets")
struct ClusterNumbersTests {
    @Test("are their sums; the connections are in the first one")
    func sum() {
        let buckets = (1...3).map {
            BucketNumbers(online: $0, announced: 10 * $0, version: Int64($0), connections: 7 * $0)
        }
        let numbers = ClusterNumbers(buckets, home: buckets[0])
        #expect(numbers.online == 6 && numbers.announced == 60 && numbers.connections == 7)
        #expect(numbers.included.versions == [1, 2, 3])
    }

    @Test("are clamped: they come from outside")
    func extremes() {
        let most = BucketNumbers(online: .max, announced: .min, version: .max, connections: .max)
        let numbers = ClusterNumbers([most, most, most], home: most)
        #expect(numbers.online == .max && numbers.announced == .min)
    }
}
