import Glibc
import JSON

/// The memory of a node per idle viewer: for one that watches nothing, one task with all others, and a task of its own.
struct Idle {
    private let viewers: Int
    private let isSecure: Bool
    private let jsonPath: String?

    init(_ options: Options) {
        viewers = options.number("viewers", 9000)
        isSecure = options.number("tls", 0) != 0
        jsonPath = options.text("json")
    }

    func run() {
        let costs = [Watching.nothing, .oneTask, .ownTasks].map { ($0, bytes(watching: $0)) }
        print("idle: \(viewers) viewers\(isSecure ? " with TLS" : ""), bytes of the node's own memory each")
        for (watching, bytes) in costs { print(Table.line([Self.name(watching), Table.fixed(bytes, 1)])) }
        guard let jsonPath else { return }
        Report.write(to: jsonPath) { writer in
            writer.key("viewers")
            writer.integer(Int64(viewers))
            for (watching, bytes) in costs {
                writer.key("bytes_watching_" + Self.name(watching).replacing(" ", with: "_"))
                writer.double(bytes)
            }
        }
    }

    /// A hundred viewers connect first: allocations that a loop makes once do not count.
    private func bytes(watching: Watching) -> Double {
        let bed = Bed.node(
            loops: 1, viewers: 100, watching: watching, isSecure: isSecure, at: Processors(serverThreads: 1))
        defer { bed.stop() }
        let before = bed.server.ownMemory
        let crowd = bed.moreViewers(viewers, watching: watching)
        defer { crowd.stop() }
        return Double(bed.server.ownMemory - before) * 1024 / Double(viewers)
    }

    private static func name(_ watching: Watching) -> String {
        switch watching {
        case .nothing: "nothing"
        case .oneTask: "one task"
        case .ownTasks: "own tasks"
        }
    }
}
