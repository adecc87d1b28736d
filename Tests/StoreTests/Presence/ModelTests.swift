import Testing

/// Thousands of random steps, compared with the simplest model.
@Suite("Presence against a model", .timeLimit(.minutes(2)))
struct ModelTests {
    private struct Loop {
        var name: String
        var users: [String: Int] = [:]
        var viewers: [String: Int] = [:]

        var connections: Int { users.values.reduce(0, +) }
    }

    private struct Random {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }

    @Test("counts, lists and viewers are the model's at every check", arguments: 0..<3)
    func agrees(_ round: Int) throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = Random(state: seed)
        let store = try PresenceStore()
        var loops: [Loop] = []
        var dying: [Loop] = []
        var made = 0

        func check() {
            var users: [String: Int] = [:]
            var viewers: [String: Int] = [:]
            for loop in loops {
                users.merge(loop.users) { $0 + $1 }
                viewers.merge(loop.viewers) { $0 + $1 }
            }
            #expect(store.counts("u") == users, "seed \(seed)")
            #expect(store.members("x") == Set(users.keys), "seed \(seed)")
            #expect(store.members("off").isDisjoint(with: users.keys), "seed \(seed)")
            #expect(store.members("w").isDisjoint(with: users.keys), "seed \(seed)")
            let total = loops.reduce(0) { $0 + $1.connections }
            #expect(store.counts("nc")["*"] ?? 0 == total, "seed \(seed)")
            for task in 0..<6 { #expect(store.viewers("t\(task)") == viewers["t\(task)"] ?? 0, "seed \(seed)") }
            for loop in loops {
                #expect(
                    store.beat(loop.name, users: loop.users.count, connections: loop.connections) == 1, "seed \(seed)")
            }
        }

        for step in 0..<2_500 {
            if loops.count < 2 || (loops.count < 5 && random.below(60) == 0) {
                made += 1
                loops.append(Loop(name: "loop\(made)"))
                store.register("loop\(made)")
            }
            let index = random.below(loops.count)
            switch random.below(12) {
            case 0..<7:
                let user = "user\(random.below(12))"
                let count = random.below(3)
                loops[index].users[user] = count == 0 ? nil : count
                // A reply was lost: the call is repeated.
                for _ in 0...random.below(2) {
                    store.write(loops[index].name, connections: loops[index].connections, [(user, count)])
                }
            case 7..<9:
                let task = "t\(random.below(6))"
                let count = random.below(3)
                loops[index].viewers[task] = count == 0 ? nil : count
                for _ in 0...random.below(2) { store.setViewers(loops[index].name, task, count) }
            case 9 where random.below(8) == 0:
                dying.append(loops.remove(at: index))
            default:
                // Two reapers in small chunks, and the dead one writes once more.
                guard let dead = dying.first else { break }
                store.reap(dead.name, chunk: 1 + random.below(3), isOwn: true)
                store.write(dead.name, connections: 99, [("user\(random.below(12))", 9)])
                store.setViewers(dead.name, "t0", 9)
                if !store.reap(dead.name, chunk: 1 + random.below(3), isOwn: true) { dying.removeFirst() }
            }
            if dying.isEmpty, step % 50 == 0 { check() }
        }
        for loop in dying { while store.reap(loop.name, isOwn: true) {} }
        dying = []
        check()
        for loop in loops { while store.reap(loop.name, isOwn: true) {} }
        #expect(store.stored.isSubset(of: ["ft:{online}:meta", "ft:{online}:off"]), "seed \(seed): \(store.stored)")
    }
}
