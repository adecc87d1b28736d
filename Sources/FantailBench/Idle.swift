import Glibc
import JSON

/// What a viewer costs a node while nothing happens: memory of the node's own, per viewer.
struct Idle {
    private let viewers: Int
    private let jsonPath: String?

    init(_ options: Options) {
        viewers = options.number("viewers", 9000)
        jsonPath = options.text("json")
    }

    func run() throws {
        let bed = Bed(loops: 1)
        defer { bed.stop() }
        // One viewer first: what every loop allocates once does not count.
        let warm = Child.own("viewers", ["--port", "\(bed.nodePort)", "--count", "100", "--path", Bed.viewerPath])
        _ = warm.line()
        warm.stop()
        usleep(500_000)
        let before = bed.node.ownMemory
        let crowd = Child.own(
            "viewers", ["--port", "\(bed.nodePort)", "--count", "\(viewers)", "--path", Bed.viewerPath])
        defer { crowd.stop() }
        _ = crowd.line()
        usleep(500_000)
        let bytes = Double(bed.node.ownMemory - before) * 1024 / Double(viewers)
        print("idle: \(viewers) viewers, \(Table.fixed(bytes, 1)) bytes of the node's own memory each")
        guard let jsonPath else { return }
        Report.write(to: jsonPath) { writer in
            writer.key("viewers")
            writer.integer(Int64(viewers))
            writer.key("bytes_per_viewer")
            writer.double(bytes)
        }
    }
}
