import Base
import CAllocations
import Events
import Dialects
import Examples
import Glibc
import Hub

/// Checks that fan-out allocates nothing per member: a separate program, since only an optimised build tells. (In a
/// debug build every access to an array's element through unspecialised code allocates.)
@main
struct Allocations {
    static func main() {
        var isFlat = checkCounter()
        for wrapping in [Shape.Wrapping.framed, Shape.Wrapping(.compressed)] {
            for frames in [1, 3] {
                let counts = [10, 1_000, 10_000].map { deliver(to: $0, frames: frames, wrapping) }
                print("\(wrapping), \(frames) frames an event: \(counts) allocations for 10, 1000, 10000 members")
                isFlat = isFlat && counts.allSatisfy { $0 == counts[0] }
            }
        }
        let counts = [10, 1_000, 10_000].map { decide(for: $0) }
        print("from a message of Redis to sockets: \(counts) allocations for 10, 1000, 10000 members")
        isFlat = isFlat && counts.allSatisfy { $0 == counts[0] }
        guard isFlat else {
            print("fan-out allocates by the member")
            exit(1)
        }
    }

    /// Checks the counter: an array that grows allocates, a sum of its elements does not.
    private static func checkCounter() -> Bool {
        let start = fantail_allocations()
        var numbers: [Int] = []
        for number in 0..<1_000 { numbers.append(number) }
        let grown = fantail_allocations()
        var sum = 0
        for number in numbers { sum &+= number }
        let summed = fantail_allocations()
        print("an array that grows: \(grown - start) allocations; its sum, \(sum): \(summed - grown)")
        return grown - start > 5 && summed == grown
    }

    /// Allocations of one event's delivery, from its frames to the last member's socket.
    private static func deliver(to members: Int, frames count: Int, _ wrapping: Shape.Wrapping) -> UInt64 {
        let hub = Hub()
        let channel = hub.openChannel(.task(Identifier("a")!), redisName: "task:a").channel
        let vector = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 8)
        defer { vector.deallocate() }
        let viewers = (0..<members).map { _ in Viewer(Shape(.dialect(.jobs), wrapping: wrapping), vector) }
        for viewer in viewers { hub.join(viewer.subscriber, channel) }
        let frames = (0..<count).map { SharedBytes(Array("{\"progress\":\($0)}".utf8)) }
        func once() {
            hub.fanOut(on: channel, conflatable: true) { _ in frames }
            hub.flush()
        }
        // Outboxes, and the list of those to be written, allocate storage that they keep.
        for _ in 0..<3 { once() }
        let before = fantail_allocations()
        once()
        let after = fantail_allocations()
        let length = frames.reduce(0) { $0 + $1.count }
        precondition(viewers.allSatisfy { $0.bytes == 4 * length }, "a member has not got every event")
        for viewer in viewers { _ = hub.remove(viewer.subscriber) }
        return after - before
    }
}

extension Allocations {
    /// Allocations of one ordinary message, from its bytes to the last member's socket, with the channel's decision.
    private static func decide(for members: Int) -> UInt64 {
        let hub = Hub()
        let channel = hub.openChannel(.task(Identifier("a")!), redisName: "task:a").channel
        let resources = ChannelResources(
            reader: EventReader(maxBytes: 65_536, maxDepth: 64), memory: RecentMemory(maxBytes: 1 << 20))
        let vector = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 8)
        defer { vector.deallocate() }
        let viewers = (0..<members).map { _ in Viewer(Shape(.dialect(.jobs), wrapping: .framed), vector) }
        for viewer in viewers { hub.join(viewer.subscriber, channel) }
        let frames = [SharedBytes(Array("{}".utf8))]
        var sequence = 0
        func once() {
            sequence += 1
            let message = Array("\u{1}ft1:e:\(1_000_000 + sequence):1000\n{\"progress\":\(10 + sequence)}".utf8)
            let effects = message.withUnsafeBytes { channel.state.receive($0, at: 7, using: resources) }
            effects.forEach { effect in
                guard case .tellNews(let delivery) = effect else { preconditionFailure("not the ordinary message") }
                hub.fanOut(on: channel, conflatable: delivery.event.isConflatable) { _ in frames }
            }
            hub.flush()
        }
        goLive(channel, at: 1_000_000, resources)
        for _ in 0..<3 { once() }
        let before = fantail_allocations()
        once()
        let after = fantail_allocations()
        for viewer in viewers { _ = hub.remove(viewer.subscriber) }
        return after - before
    }

    private static func goLive(_ channel: Channel, at sequence: UInt64, _ resources: ChannelResources) {
        var answer = ChannelAnswer.unpublished
        answer.top = Position(epoch: "e", sequence: sequence)
        _ = channel.state.didSubscribe(hasMembers: true)
        channel.state.read(at: 1, hasMembers: true, using: resources).forEach { effect in
            guard case .ask(let question) = effect else { return }
            _ = channel.state.didRead(answer, to: question, at: 7, using: resources)
        }
    }
}

/// A member whose socket takes everything, written like a connection: with an existing vector.
private final class Viewer: SubscriberOwner {
    private(set) var subscriber: Subscriber!
    private(set) var bytes = 0
    private let vector: UnsafeMutableBufferPointer<iovec>

    init(_ shape: Shape, _ vector: UnsafeMutableBufferPointer<iovec>) {
        self.vector = vector
        subscriber = Subscriber(owner: self)
        subscriber.shape = shape
    }

    func flushOutbox() {
        let count = subscriber.outbox.fill(vector)
        var written = 0
        for index in 0..<count { written += vector[index].iov_len }
        _ = subscriber.outbox.advance(written: written, offered: count)
        bytes += written
    }

    func flushBatch() {}
    func outboxDidOverflow() {}
    func expectAcknowledgement(of delivery: Delivery) {}
}
