import CEpoll
import Glibc

/// Which processors the parts of a benchmark run on: the server that is measured has its own, and viewers, Redis and the
/// publisher share the rest. What wakes whom on which processor changes the cost of a `send` by half.
struct Processors {
    /// Those of the server, as `taskset -c` takes them; nil where there are not enough to keep the two apart.
    let server: String?
    /// Those of everything else.
    let others: String?

    /// For a server with so many threads that are busy.
    init(serverThreads: Int) {
        let count = Self.count
        guard count > serverThreads else { (server, others) = (nil, nil); return }
        server = "0-\(serverThreads - 1)"
        others = "\(serverThreads)-\(count - 1)"
    }

    private static var count: Int { Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
    /// As many processors as cpu_set_t has bits for.
    private static let maskBytes = 128

    /// A command that runs as the server does.
    func onServer(_ command: [String]) -> [String] { Self.pin(command, to: server) }

    /// A command that runs beside it.
    func besideServer(_ command: [String]) -> [String] { Self.pin(command, to: others) }

    /// taskset(1) of util-linux replaces itself by the command, so the process measured is the command's.
    private static func pin(_ command: [String], to list: String?) -> [String] {
        list.map { ["taskset", "-c", $0] + command } ?? command
    }

    /// Keeps this process, and what it starts from now on, beside the server.
    func moveBeside() {
        guard let others, let first = others.split(separator: "-").first.flatMap({ Int($0) }) else { return }
        var bits = [UInt8](repeating: 0, count: Self.maskBytes)
        for processor in first..<min(Self.count, Self.maskBytes * 8) {
            bits[processor / 8] |= 1 << UInt8(processor % 8)
        }
        _ = sched_setaffinity(0, bits.count, bits)
    }
}
