import Settings
import Dialects
import Direct
import Events
import Glibc
import Node
import Threads
import Terminal

/// Publishes each line of standard input as an event: many in flight, in order.
enum LinePublishing {
    /// Lines in flight: enough to hide the round trip to Redis.
    private static let window = 256
    /// Bytes of a line; a longer one is no event, and is not kept.
    private static let lineBytes = 64 * 1024
    /// Milliseconds that lines wait for a Redis or a node that is away.
    private static let patienceMilliseconds: UInt64 = 10_000

    private struct Tally {
        var published = 0
        var refused = 0
        var last: (epoch: String, sequence: Int64)?
        /// Why the command must stop.
        var trouble: String?
    }

    static func run(_ task: Identifier, _ route: Route) throws(CommandFailure) {
        let publisher: any LinePublisher =
            route.isByNodes
            ? NodeLines(
                task: task, client: try NodeClient(route.access, scopes: ["publish"]),
                patienceMilliseconds: patienceMilliseconds)
            : try RedisLines(task: task, try route.access.redis.checkedForRedis(), patienceMilliseconds)
        defer { publisher.stop() }
        try report(publishAll(publisher))
    }

    private static func publishAll(_ publisher: any LinePublisher) -> Tally {
        let tally = SharedTally()
        let room = ManagedSemaphore(value: window)
        forEachLine { number, line in
            guard line.contains(where: { $0 > 0x20 }) else { return true }
            guard line.count <= lineBytes else {
                tally.refuse(number, "an event has at most \(lineBytes) bytes", isLast: false)
                return true
            }
            room.wait()
            publisher.publish(line) { result in
                switch result {
                case .success(let receipt): tally.count(receipt.epoch, receipt.sequence)
                case .failure(.redis(let message)): tally.refuse(number, message, isLast: true)
                case .failure(let failure): tally.refuse(number, failure.message, isLast: false)
                }
                room.signal()
            }
            return tally.value.trouble == nil
        }
        for _ in 0..<window { room.wait() }
        for _ in 0..<window { room.signal() }
        return tally.value
    }

    private static func report(_ tally: Tally) throws(CommandFailure) {
        let place = tally.last.map { " epoch=\($0.epoch) sequence=\($0.sequence)" } ?? ""
        StandardOutput.line("published=\(tally.published) refused=\(tally.refused)" + place)
        if let trouble = tally.trouble { throw .failed("\(trouble); the lines after it were not read") }
        if tally.refused > 0 {
            throw .failed("\(tally.refused) of \(tally.published + tally.refused) lines were refused")
        }
    }

    /// The lines' outcomes, counted from any thread.
    private final class SharedTally: Sendable {
        private let tally = Locked(Tally())

        var value: Tally { tally.withLock { $0 } }

        func count(_ epoch: String, _ sequence: Int64) {
            tally.withLock {
                $0.published += 1
                $0.last = (epoch, sequence)
            }
        }

        func refuse(_ line: Int, _ reason: String, isLast: Bool) {
            tally.withLock {
                $0.refused += 1
                if isLast { $0.trouble = $0.trouble ?? reason }
            }
            StandardError.line("line \(line): \(reason)")
        }
    }

    /// Calls `body` with each line and its number, from 1, until it returns false. Of a line that is too long only the
    /// beginning is kept.
    private static func forEachLine(_ body: (Int, [UInt8]) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        var line: [UInt8] = []
        var number = 0
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            var rest = buffer[..<count]
            while let end = rest.firstIndex(of: 0x0A) {
                line += rest[..<end].prefix(lineBytes + 1 - line.count)
                rest = rest[(end + 1)...]
                number += 1
                guard body(number, line) else { return }
                line.removeAll(keepingCapacity: true)
            }
            line += rest.prefix(lineBytes + 1 - line.count)
        }
        if !line.isEmpty { _ = body(number + 1, line) }
    }
}
