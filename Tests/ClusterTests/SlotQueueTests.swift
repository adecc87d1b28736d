import Testing

@testable import Cluster

@Suite("The commands of one slot")
struct SlotQueueTests {
    private typealias Queue = SlotQueue<Int>

    /// Calls commands that may be sent at once.
    private func send(_ commands: ClosedRange<Int>, _ queue: inout Queue) -> [Queue.Entry] {
        commands.compactMap { queue.add($0) }
    }

    private func ready(_ queue: inout Queue) -> [Int] { queue.takeReady().map(\.command) }

    @Test("are sent at once, and forgotten when they are answered")
    func plain() {
        var queue = Queue()
        #expect(queue.isEmpty && send(1...3, &queue).map(\.command) == [1, 2, 3] && !queue.isEmpty)
        for _ in 1...3 {
            #expect(ready(&queue) == [])
            queue.didFinish()
        }
        #expect(queue.isEmpty)
    }

    @Test("go on in the order of the calls when the first was sent away, once the rest is answered")
    func order() {
        var queue = Queue()
        let sent = send(1...3, &queue)
        queue.sendAgain(sent[0], afterWait: false)
        #expect(queue.add(4) == nil && ready(&queue) == [])
        queue.didFinish()
        #expect(queue.add(5) == nil && ready(&queue) == [])
        queue.sendAgain(sent[2], afterWait: false)
        #expect(queue.isHolding && ready(&queue) == [1, 3, 4, 5] && !queue.isHolding)
        #expect(queue.add(6)?.command == 6)
    }

    @Test("keep the order of the calls whichever is sent away first")
    func crossed() {
        var queue = Queue()
        let sent = send(1...3, &queue)
        for place in [2, 0, 1] { queue.sendAgain(sent[place], afterWait: false) }
        #expect(ready(&queue) == [1, 2, 3])
    }

    @Test("wait for the longest of their waits")
    func waits() {
        var queue = Queue()
        let sent = send(1...2, &queue)
        queue.sendAgain(sent[0], afterWait: true)
        queue.sendAgain(sent[1], afterWait: true)
        #expect(ready(&queue) == [])
        queue.didWait()
        #expect(queue.add(3) == nil && ready(&queue) == [])
        queue.didWait()
        #expect(ready(&queue) == [1, 2, 3])
    }

    @Test("are handed over in the order of the calls when they are given up")
    func removal() {
        var queue = Queue()
        let sent = send(1...3, &queue)
        queue.sendAgain(sent[1], afterWait: true)
        queue.sendAgain(sent[0], afterWait: false)
        #expect(queue.add(4) == nil && queue.removeWaiting().map(\.command) == [1, 2, 4])
        #expect(!queue.isHolding && !queue.isEmpty)
        queue.didFinish()
        #expect(queue.isEmpty)
    }

    @Test("are sent away again and again, and stay in order")
    func again() {
        var queue = Queue()
        var sent = send(1...2, &queue)
        for round in 0..<20 {
            for entry in round.isMultiple(of: 2) ? sent : sent.reversed() { queue.sendAgain(entry, afterWait: false) }
            #expect(queue.add(round + 3) == nil)
            sent = queue.takeReady()
            #expect(sent.map(\.command) == Array(1...(round + 3)))
        }
        for _ in sent { queue.didFinish() }
        #expect(queue.isEmpty)
    }
}
