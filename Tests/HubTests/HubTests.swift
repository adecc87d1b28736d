import Base
import Events
import Dialects
import Examples
import Glibc
import Testing

@testable import Hub

/// An owner that takes all frames at once and records them.
private final class Owner: SubscriberOwner {
    private(set) var subscriber: Subscriber!
    var writes: [[String]] = []
    var batches: [[String]] = []
    var overflows = 0

    init(_ shape: Shape) {
        subscriber = Subscriber(owner: self)
        subscriber.shape = shape
    }

    func flushOutbox() {
        let vector = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 64)
        defer { vector.deallocate() }
        let count = subscriber.outbox.fill(vector)
        writes.append(
            vector[..<count].map {
                String(decoding: UnsafeRawBufferPointer(start: $0.iov_base, count: $0.iov_len), as: UTF8.self)
            })
        let bytes = vector[..<count].reduce(0) { $0 + $1.iov_len }
        _ = subscriber.outbox.advance(written: bytes, offered: count)
    }

    func flushBatch() {
        batches.append(subscriber.batch.take().map { String(decoding: $0.array, as: UTF8.self) })
    }

    func outboxDidOverflow() { overflows += 1 }

    func expectAcknowledgement(of delivery: Delivery) {}
}

extension Shape {
    /// The dialect's name.
    fileprivate var name: String {
        if case .dialect(let dialect) = form { "\(dialect)" } else { "stream" }
    }
}

@Suite("Hub")
struct HubTests {
    private let jobs = Shape(.dialect(.jobs), wrapping: .framed)
    private let tasks = Shape(.dialect(.tasks), wrapping: .framed)

    private func channel(_ hub: Hub, _ id: String) -> Channel {
        let name = ChannelName.task(Identifier(id)!)
        return hub.openChannel(name, redisName: name.text).channel
    }

    private func say(_ text: String, on channel: Channel, _ hub: Hub) {
        hub.fanOut(on: channel, conflatable: false) { shape in
            [SharedBytes(Array("\(text)-\(shape.name)".utf8))]
        }
    }

    @Test("each shape is encoded once, and every member gets its own, in one write a flush")
    func encodesOnce() {
        let hub = Hub()
        let channel = channel(hub, "a")
        let owners = [Owner(jobs), Owner(jobs), Owner(tasks)]
        for owner in owners { hub.join(owner.subscriber, channel) }
        var encoded: [Shape] = []
        for round in 1...2 {
            hub.fanOut(on: channel, conflatable: false) { shape in
                encoded.append(shape)
                return [SharedBytes(Array("\(round)\(shape.name)".utf8))]
            }
        }
        #expect(encoded == [jobs, tasks, jobs, tasks])
        hub.flush()
        #expect(owners[0].writes == [["1jobs", "2jobs"]])
        #expect(owners[1].writes == [["1jobs", "2jobs"]])
        #expect(owners[2].writes == [["1tasks", "2tasks"]])
        hub.flush()
        #expect(owners[0].writes.count == 1)
        #expect(hub.counters.deliveries == 6)
    }

    @Test("a member that left gets nothing, and the others keep their seats")
    func leaving() {
        let hub = Hub()
        let channel = channel(hub, "a")
        let owners = (0..<5).map { _ in Owner(jobs) }
        for owner in owners { hub.join(owner.subscriber, channel) }
        #expect(hub.leave(owners[1].subscriber, channel))
        #expect(!hub.leave(owners[1].subscriber, channel))
        #expect(hub.leave(owners[4].subscriber, channel))
        say("x", on: channel, hub)
        hub.flush()
        #expect(owners.map(\.writes.count) == [1, 0, 1, 1, 0])
        #expect(channel.memberCount == 3)
    }

    @Test("joining twice delivers once")
    func joinsOnce() {
        let hub = Hub()
        let channel = channel(hub, "a")
        let owner = Owner(jobs)
        hub.join(owner.subscriber, channel)
        hub.join(owner.subscriber, channel)
        say("x", on: channel, hub)
        hub.flush()
        #expect(owner.writes == [["x-jobs"]])
    }

    @Test("a subscriber removed between an event and the flush is not written")
    func removedBeforeFlush() {
        let hub = Hub()
        let (first, second) = (channel(hub, "a"), channel(hub, "b"))
        let owner = Owner(jobs)
        hub.join(owner.subscriber, first)
        hub.join(owner.subscriber, second)
        say("x", on: first, hub)
        let left = hub.remove(owner.subscriber)
        hub.flush()
        #expect(owner.writes.isEmpty)
        #expect(Set(left.map(\.name.text)) == ["task:a", "task:b"])
        #expect(first.memberCount == 0 && second.memberCount == 0)
    }

    @Test("channels are found by the bytes of their name, through growing and shrinking")
    func table() {
        let hub = Hub()
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SplitMix(state: seed)
        var expected: Set<String> = []
        for _ in 0..<20_000 {
            let name = "task:\(random.next() % 700)"
            if random.next() % 2 == 0 {
                _ = hub.openChannel(ChannelName(name)!, redisName: name)
                expected.insert(name)
            } else if let channel = hub.channel(name) {
                hub.closeChannel(channel)
                expected.remove(name)
            }
            let other = "task:\(random.next() % 700)"
            #expect((hub.channel(other) != nil) == expected.contains(other), "seed \(seed)")
        }
        #expect(Set(hub.channels.map(\.redisName)) == expected)
        #expect(hub.channelCount == expected.count)
    }

    @Test("members come and go at random: each gets exactly the frames of its membership")
    func randomMembership() {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SplitMix(state: seed)
        let hub = Hub()
        let channel = channel(hub, "a")
        let owners = (0..<40).map { Owner($0 % 2 == 0 ? jobs : tasks) }
        var expected = [[String]](repeating: [], count: owners.count)
        var members: Set<Int> = []
        for round in 0..<3000 {
            let index = Int(random.next() % UInt64(owners.count))
            if members.remove(index) != nil {
                hub.leave(owners[index].subscriber, channel)
            } else {
                hub.join(owners[index].subscriber, channel)
                members.insert(index)
            }
            guard random.next() % 3 == 0 else { continue }
            say("\(round)", on: channel, hub)
            for member in members { expected[member].append("\(round)-\(member % 2 == 0 ? "jobs" : "tasks")") }
            if random.next() % 4 == 0 { hub.flush() }
        }
        hub.flush()
        for (owner, expected) in zip(owners, expected) {
            #expect(owner.writes.flatMap { $0 } == expected, "seed \(seed)")
        }
    }
}
