import Events
import Store
import Testing

@testable import Listing

@Suite("Tasks that the keeper of the list has to read")
struct PendingTasksTests {
    private let one = Identifier("one")!
    private let two = Identifier("two")!
    private var tasks = PendingTasks(atOnce: 2, most: 3)

    private func place(_ id: Identifier, _ time: Int64 = 1) -> ListedTask {
        ListedTask(id: id, owner: nil, startedAt: time)
    }

    @Test("a task that waits is read once, however often it changes")
    mutating func once() {
        tasks.add(one)
        tasks.add(one)
        #expect(tasks.next()?.task == one && tasks.next() == nil)
        tasks.finish(one)
        #expect(tasks.next() == nil)
    }

    @Test("a task that changes while it is read is read again, and only afterwards, whether it was read or not")
    mutating func again() {
        for isRead in [true, false] {
            tasks.add(one)
            _ = tasks.next()
            tasks.add(one)
            tasks.add(one)
            #expect(tasks.next() == nil)
            isRead ? tasks.finish(one) : tasks.fail(one)
            #expect(tasks.next()?.task == one)
            tasks.finish(one)
            #expect(tasks.next() == nil)
        }
    }

    @Test("a known place stays with the task until it was read, and the newest counts")
    mutating func places() {
        tasks.add(one, listed: place(one, 1))
        tasks.add(one)
        #expect(tasks.next()?.listed == place(one, 1))
        tasks.fail(one)
        tasks.retry()
        #expect(tasks.next()?.listed == place(one, 1))
        tasks.add(one, listed: place(one, 2))
        tasks.add(one)
        tasks.finish(one)
        tasks.add(one, listed: place(one, 3))
        #expect(tasks.next()?.listed == place(one, 3))
    }

    @Test("only so many are read at the same time, in the order in which they came")
    mutating func bounded() {
        for name in ["a", "b", "c"] { tasks.add(Identifier(name)!) }
        #expect(tasks.next()?.task.text == "a" && tasks.next()?.task.text == "b" && tasks.next() == nil)
        tasks.finish(Identifier("b")!)
        tasks.add(Identifier("d")!)
        #expect(tasks.next()?.task.text == "c" && tasks.next() == nil)
        tasks.finish(Identifier("a")!)
        #expect(tasks.next()?.task.text == "d")
    }

    @Test("a task that could not be read waits for the retry, unless it changes before")
    mutating func failed() {
        tasks.add(one)
        tasks.add(two)
        for _ in 0..<2 { if let next = tasks.next() { tasks.fail(next.task) } }
        #expect(tasks.next() == nil)
        tasks.add(two)
        #expect(tasks.next()?.task == two && tasks.next() == nil)
        tasks.retry()
        #expect(tasks.next()?.task == one && tasks.next() == nil)
    }

    @Test("a task without room is remembered as an overrun, until all tasks are looked at")
    mutating func overrun() {
        for name in ["a", "b", "c", "c"] { tasks.add(Identifier(name)!) }
        if let next = tasks.next() { tasks.fail(next.task) }
        #expect(!tasks.isOverrun)
        tasks.add(Identifier("d")!)
        #expect(tasks.isOverrun)
        tasks.forgetOverrun()
        #expect(!tasks.isOverrun)
    }

    @Test("a loop that no longer keeps the list forgets what waits, and ends what it reads")
    mutating func forgotten() {
        for name in [one, two] { tasks.add(name) }
        _ = tasks.next()
        tasks.add(one)
        tasks.forgetWaiting()
        #expect(tasks.next() == nil)
        for name in [one, two] { tasks.finish(name) }
        #expect(tasks.next() == nil)
        tasks.add(two)
        #expect(tasks.next()?.task == two)
    }

    @Test("many tasks pass in their order")
    mutating func many() {
        var tasks = PendingTasks(atOnce: 10_000, most: 10_000)
        let names = (0..<10_000).map { Identifier("t-\($0)")! }
        for name in names { tasks.add(name) }
        #expect(names.allSatisfy { tasks.next()?.task == $0 })
    }
}
