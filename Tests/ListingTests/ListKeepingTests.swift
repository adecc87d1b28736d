import Events
import RESP
import Settings
import Store
import Testing

@testable import Listing

/// Each state (waits for the lease; keeps the list, without a walk, with one that is due, with one under way) with each event.
@Suite("Whether a loop keeps the list of tasks, and what it does next")
struct ListKeepingTests {
    private let task = Identifier("t")!
    private let one = RedisEndpoint.Address.tcp(host: "one", port: 1)
    private let two = RedisEndpoint.Address.tcp(host: "two", port: 2)
    private var now: UInt64 = 0
    private var keeping: ListKeeping

    init() {
        var limits = ListLimits()
        limits.atOnce = 2
        limits.waiting = 4
        keeping = ListKeeping(limits)
    }

    private mutating func next() -> ListKeeping.Action? { keeping.next(servers: [one, two], now: now) }

    /// Every action until there is none, where reads and due tasks end at once.
    private mutating func all() -> [ListKeeping.Action] {
        var actions: [ListKeeping.Action] = []
        while let action = next() {
            actions.append(action)
            switch action {
            case .read(let task, _): keeping.didWrite(task)
            case .takeDue: keeping.didTakeDue([], isMore: false)
            case .scan(_, _, let walk): keeping.didScan([], next: nil, walk: walk)
            }
        }
        return actions
    }

    private func scans(_ walk: Int) -> [ListKeeping.Action] {
        [.scan(one, cursor: nil, walk: walk), .scan(two, cursor: nil, walk: walk)]
    }

    /// Keeps the list, and has looked at everything.
    private mutating func keep() {
        keeping.lease(isNew: true, now: now)
        _ = all()
    }

    @Test("without the lease nothing is done, whatever happens")
    mutating func waiting() {
        keeping.change(task)
        keeping.mayHaveMissed()
        keeping.didTakeDue([ListedTask(id: task, owner: nil, startedAt: 1)], isMore: true)
        keeping.didScan([task], next: "1", walk: 0)
        keeping.didFailToScan(walk: 0, isRefused: false, now: 0)
        keeping.didFailToTakeDue()
        keeping.didWrite(task)
        keeping.didFail(task)
        keeping.lose()
        #expect(next() == nil && !keeping.isKeeper)
    }

    @Test("a loop that gets the lease looks at what is due, and walks through every server")
    mutating func walks() {
        keeping.lease(isNew: true, now: 0)
        #expect(keeping.isKeeper && all() == [.takeDue] + scans(1) && next() == nil)
    }

    @Test("each renewal looks at what is due; a lease that was lost in between walks again")
    mutating func renewals() {
        keep()
        keeping.lease(isNew: false, now: 1)
        #expect(all() == [.takeDue])
        keeping.lease(isNew: true, now: 1)
        #expect(all() == [.takeDue] + scans(2))
        keeping.lose()
        #expect(!keeping.isKeeper && next() == nil)
        keeping.lease(isNew: false, now: 1)
        #expect(all() == [.takeDue] + scans(3))
    }

    @Test("a task that changed is read at once, and before the walk goes on")
    mutating func changes() {
        keeping.lease(isNew: true, now: 0)
        #expect(next() == .takeDue && next() == .scan(one, cursor: nil, walk: 1) && next() == nil)
        keeping.change(task)
        keeping.didScan([Identifier("found")!], next: "7", walk: 1)
        #expect(next() == .read(task, listed: nil) && next() == .read(Identifier("found")!, listed: nil))
        #expect(next() == .scan(one, cursor: "7", walk: 1))
    }

    @Test("a walk waits while many tasks wait")
    mutating func pressure() {
        keeping.lease(isNew: true, now: 0)
        for name in ["a", "b", "c", "d"] { keeping.change(Identifier(name)!) }
        _ = (next(), next())
        #expect(next() == nil)
        keeping.didWrite(Identifier("a")!)
        #expect(next() == .read(Identifier("c")!, listed: nil) && next() == .takeDue)
    }

    @Test("what is missed while a walk is under way makes another follow; before it begins, one is enough")
    mutating func missed() {
        keeping.lease(isNew: true, now: 0)
        keeping.mayHaveMissed()
        #expect(next() == .takeDue && next() == .scan(one, cursor: nil, walk: 1))
        keeping.mayHaveMissed()
        keeping.didScan([], next: nil, walk: 1)
        #expect(all() == [.scan(two, cursor: nil, walk: 1)] + scans(2) && next() == nil)
        keeping.mayHaveMissed()
        #expect(all() == scans(3))
    }

    @Test("an answer to an earlier walk changes nothing")
    mutating func late() {
        keeping.lease(isNew: true, now: 0)
        _ = (next(), next())
        keeping.lose()
        keeping.lease(isNew: true, now: 0)
        #expect(next() == .takeDue && next() == .scan(one, cursor: nil, walk: 2))
        keeping.didScan([task], next: nil, walk: 1)
        keeping.didFailToScan(walk: 1, isRefused: true, now: 0)
        #expect(next() == nil)
        keeping.didScan([], next: "9", walk: 2)
        #expect(next() == .scan(one, cursor: "9", walk: 2))
        keeping.didScan([], next: nil, walk: 2)
        keeping.didScan([], next: nil, walk: 2)
        #expect(next() == .scan(two, cursor: nil, walk: 2))
    }

    @Test(
        "a walk that a server ended begins anew some seconds later; one that is refused, an hour later",
        arguments: [true, false])
    mutating func ended(isRefused: Bool) {
        keeping.lease(isNew: true, now: 0)
        _ = (next(), next())
        keeping.didTakeDue([], isMore: false)
        keeping.didFailToScan(walk: 1, isRefused: isRefused, now: 0)
        for (time, walks) in [(9_999, false), (10_000, !isRefused), (3_610_000, true)] as [(UInt64, Bool)] {
            keeping.lease(isNew: false, now: time)
            now = time
            #expect(all() == [.takeDue] + (walks ? scans(time == 10_000 || isRefused ? 2 : 3) : []), "\(time)")
        }
    }

    @Test("an hour after a walk another is due")
    mutating func hourly() {
        keep()
        keeping.lease(isNew: false, now: 3_599_999)
        #expect(all() == [.takeDue])
        keeping.lease(isNew: false, now: 3_600_000)
        #expect(all() == [.takeDue] + scans(2))
    }

    @Test("tasks without room make a walk due with the next renewal")
    mutating func overrun() {
        keep()
        for name in ["a", "b", "c", "d", "e"] { keeping.change(Identifier(name)!) }
        #expect(all().count == 4)
        keeping.lease(isNew: false, now: 1)
        #expect(all() == [.takeDue] + scans(2))
        keeping.lease(isNew: false, now: 2)
        #expect(all() == [.takeDue])
    }

    @Test("tasks without room again and again make a walk due once a minute, and not while one is under way")
    mutating func overruns() {
        keep()
        func flood() { for name in ["a", "b", "c", "d", "e"] { keeping.change(Identifier(name)!) } }
        flood()
        _ = all()
        keeping.lease(isNew: false, now: 1)
        #expect(next() == .takeDue)
        keeping.didTakeDue([], isMore: false)
        #expect(next() == .scan(one, cursor: nil, walk: 2))
        flood()
        keeping.lease(isNew: false, now: 60_001)
        keeping.didScan([], next: nil, walk: 2)
        let reads = ["a", "b", "c", "d"].map { ListKeeping.Action.read(Identifier($0)!, listed: nil) }
        #expect(all() == reads + [.takeDue, .scan(two, cursor: nil, walk: 2)])
        for (time, walks) in [(60_000, false), (60_001, true)] as [(UInt64, Bool)] {
            keeping.lease(isNew: false, now: time)
            #expect(all() == [.takeDue] + (walks ? scans(3) : []), "\(time)")
        }
    }

    @Test("a task that could not be read is read again with the next renewal")
    mutating func failed() {
        keep()
        keeping.change(task)
        _ = next()
        keeping.didFail(task)
        #expect(next() == nil)
        keeping.lease(isNew: false, now: 1)
        #expect(next() == .read(task, listed: nil))
    }

    @Test("due tasks are read with their places, and more of them are taken while there are more")
    mutating func due() {
        keep()
        let place = ListedTask(id: task, owner: Identifier("ann")!, startedAt: 0)
        keeping.lease(isNew: false, now: 1)
        #expect(next() == .takeDue && next() == nil)
        keeping.lease(isNew: false, now: 2)
        #expect(next() == nil)
        keeping.didTakeDue([place], isMore: true)
        #expect(next() == .read(task, listed: place) && next() == .takeDue)
        keeping.didFailToTakeDue()
        #expect(next() == nil)
        keeping.lease(isNew: false, now: 3)
        #expect(next() == .takeDue)
    }
}

@Suite("A walk through all tasks")
struct TaskWalkTests {
    @Test("every portion of every server comes, one after the other")
    func all() {
        let servers = ["a", "b"].map { RedisEndpoint.Address.tcp(host: $0, port: 1) }
        var walk = TaskWalk(servers)
        for (server, cursor, next) in [(0, nil, "5"), (0, "5", nil), (1, nil, nil)] as [(Int, String?, String?)] {
            #expect(walk.portion?.server == servers[server] && walk.portion?.cursor == cursor)
            walk.didScan(next: next)
        }
        #expect(walk.portion == nil)
    }
}
