import Glibc
import JSON

/// Viewers that do not read while their task goes on: what waits for each of them, in the kernel and in the node, and how
/// much of the past each reads before the newest event.
struct Stuck {
    private let viewers: Int
    private let rate: Int
    private let seconds: Int
    private let size: Int
    private let jsonPath: String?

    init(_ options: Options) {
        viewers = options.number("viewers", 100)
        rate = options.number("rate", 1000)
        seconds = options.number("seconds", 10)
        size = options.number("size", 200)
        jsonPath = options.text("json")
    }

    func run() {
        let processors = Processors(serverThreads: 1)
        processors.moveBeside()
        print(
            """
            stuck: \(viewers) viewers of one task do not read for \(seconds) s, while it has \(rate) progress events/s of \
            \(size) bytes; for each viewer
            """)
        let bed = Bed.node(loops: 1, viewers: viewers, at: processors)
        defer { bed.stop() }
        let memory = bed.server.ownMemory
        var waiting = TCPTable.waiting(at: bed.portNumber)
        var own = 0
        let phase = bed.stuck(until: rate * seconds) {
            publish(bed)
            usleep(500_000)
            waiting = TCPTable.waiting(at: bed.portNumber)
            own = (bed.server.ownMemory - memory) * 1024
        }
        report(waiting, own, phase)
    }

    private func publish(_ bed: Bed) {
        let start = Clock.nanoseconds
        for number in 1...rate * seconds {
            Clock.sleep(until: start + UInt64(number) * 1_000_000_000 / UInt64(rate))
            bed.publish([Payload.event(type: "progress", number: number, size: size)])
        }
    }

    private func report(_ waiting: TCPTable.Waiting, _ own: Int, _ phase: Phase) {
        let figures: [(String, Int)] = [
            ("kernel, the node's side, bytes", waiting.unsent), ("kernel, the viewer's side, bytes", waiting.unread),
            ("the node's own, bytes", own), ("read until the newest, bytes", phase.bytes),
            ("read until the newest, events", phase.deliveries),
        ]
        for (name, total) in figures {
            print(name + String(repeating: " ", count: 34 - name.count) + "\(total / viewers)")
        }
        print("of \(rate * seconds) events")
        guard let jsonPath else { return }
        Report.write(to: jsonPath) { writer in
            for (name, total) in figures {
                writer.key(name)
                writer.integer(Int64(total / viewers))
            }
        }
    }
}
