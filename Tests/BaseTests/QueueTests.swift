import Base
import Testing

@Suite("Queue")
struct QueueTests {
    @Test("the first in leaves first, however it is filled and emptied")
    func order() {
        let seed = UInt64.random(in: 1...UInt64.max)
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var (queue, model, next) = (Queue<Int>(), [Int](), 0)
        for _ in 0..<20_000 {
            if random(100) < (next / 3_000 % 2 == 0 ? 60 : 40) {
                queue.append(next)
                model.append(next)
            } else {
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()), "seed \(seed)")
            }
            next += 1
            #expect(queue.count == model.count && queue.first == model.first && queue.isEmpty == model.isEmpty)
            if let last = model.indices.last { #expect(queue[last] == model[last], "seed \(seed)") }
        }
    }

    @Test("an element can be changed where it waits, and all can be taken out")
    func change() {
        var queue = Queue<String>()
        for text in ["a", "b", "c"] { queue.append(text) }
        _ = queue.popFirst()
        queue[1] = "d"
        #expect(queue.popFirst() == "b" && queue.popFirst() == "d" && queue.popFirst() == nil)
        queue.append("e")
        queue.removeAll()
        #expect(queue.isEmpty && queue.first == nil)
    }

    @Test("a removed element is not kept alive")
    func lifetime() {
        final class Thing {}
        var queue = Queue<Thing>()
        weak var thing: Thing?
        do {
            let one = Thing()
            thing = one
            queue.append(one)
            queue.append(Thing())
        }
        _ = queue.popFirst()
        #expect(thing == nil && queue.count == 1)
    }
}
