import CEpoll
import Glibc

/// The processors for the parts of a benchmark: the measured server has its own, and viewers, Redis and the publisher
/// share the rest. Wake-ups across processors change the cost of a `send` by half.
struct Processors {
    /// The server's processors, as `taskset -c` takes them; nil where there are too few to separate the two.
    let server: String?
    /// The other processes' processors.
    let others: String?

    /// For a server with so many busy threads.
    init(serverThreads: Int) {
        let count = Self.count
        guard count > serverThreads else { (server, others) = (nil, nil); return }
        server = "0-\(serverThreads - 1)"
        others = "\(serverThreads)-\(count - 1)"
    }

    private static var count: Int { Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
    /// Bytes of cpu_set_t.
    private static let maskBytes = 128

    /// A command pinned to the server's processors.
    func onServer(_ command: [String]) -> [String] { Self.pin(command, to: server) }

    /// A command pinned to the other processors.
    func besideServer(_ command: [String]) -> [String] { Self.pin(command, to: others) }

    /// taskset(1) of util-linux replaces itself by the command, so the process id is the command's.
    private static func pin(_ command: [String], to list: String?) -> [String] {
        list.map { ["taskset", "-c", $0] + command } ?? command
    }

    /// Pins this process, and all that it starts from now on, to the other processors.
    func moveBeside() {
        guard let others, let first = others.split(separator: "-").first.flatMap({ Int($0) }) else { return }
        var bits = [UInt8](repeating: 0, count: Self.maskBytes)
        for processor in first..<min(Self.count, Self.maskBytes * 8) {
            bits[processor / 8] |= 1 << UInt8(processor % 8)
        }
        _ = sched_setaffinity(0, bits.count, bits)
    }
}
