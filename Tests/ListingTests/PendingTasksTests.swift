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
        #expect(tasks.next()?.task == one && tasks.next() == nil && !tasks.isEmpty)
        tasks.finish(one)
        #expect(tasks.isEmpty && tasks.next() == nil)
    }

    @Test("a task that changes while it is read is read again, and only afterwards")
    mutating func again() {
        tasks.add(one)
        _ = tasks.next()
        tasks.add(one)
        tasks.add(one)
        #expect(tasks.next() == nil)
        tasks.finish(one)
        #expect(tasks.next()?.task == one)
        tasks.finish(one)
        #expect(tasks.isEmpty)
    }

    @Test("a known place stays with the task until it is read, and the newest counts")
    mutating func places() {
        tasks.add(one, listed: place(one, 1))
        tasks.add(one)
        #expect(tasks.next()?.listed == place(one, 1))
        tasks.add(one, listed: place(one, 2))
        tasks.add(one)
        tasks.finish(one)
        tasks.add(one, listed: place(one, 3))
        #expect(tasks.next()?.listed == place(one, 3))
    }

    @Test("only so many are read at the same time")
    mutating func bounded() {
        for name in ["a", "b", "c"] { tasks.add(Identifier(name)!) }
        let first = tasks.next()!.task
        #expect(tasks.next() != nil && tasks.next() == nil)
        tasks.finish(first)
        #expect(tasks.next() != nil)
    }

    @Test("a task without room is remembered as an overrun, until all tasks are looked at")
    mutating func overrun() {
        for name in ["a", "b", "c"] { tasks.add(Identifier(name)!) }
        #expect(!tasks.isOverrun)
        tasks.add(Identifier("c")!)
        #expect(!tasks.isOverrun)
        tasks.add(Identifier("d")!)
        #expect(tasks.isOverrun)
        tasks.forgetOverrun()
        #expect(!tasks.isOverrun)
    }

    @Test("a loop that no longer keeps the list forgets what waits, and ends what it reads")
    mutating func forgotten() {
        tasks.add(one)
        _ = tasks.next()
        tasks.add(one)
        tasks.add(two)
        tasks.forgetWaiting()
        #expect(tasks.next() == nil && !tasks.isEmpty)
        tasks.finish(one)
        #expect(tasks.isEmpty)
        tasks.finish(two)
        tasks.add(two)
        #expect(tasks.next()?.task == two)
    }
}

@Suite("A walk through all tasks")
struct TaskWalkTests {
    @Test("every portion of every server comes, one after the other")
    func all() {
        var walk = TaskWalk()
        #expect(walk.step(servers: 2) == .scan(server: 0, cursor: nil))
        walk.didScan(next: "5")
        #expect(walk.step(servers: 2) == .scan(server: 0, cursor: "5"))
        walk.didScan(next: nil)
        #expect(walk.step(servers: 2) == .scan(server: 1, cursor: nil))
        walk.didScan(next: nil)
        #expect(walk.step(servers: 2) == .done)
    }

    @Test("without servers there is nothing to look at", arguments: [0, -1])
    func none(servers: Int) { #expect(TaskWalk().step(servers: servers) == .done) }
}
