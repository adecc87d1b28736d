import Base
import CEpoll
import Glibc
import WebSocket

/// Viewers that come back as fast as the node takes them, in one process: each connects, joins a task of its own, and is
/// served when it has the task's state.
///
/// Reads `go` from standard input for each return. Writes `ready`, and for each return
/// `served NANOSECONDS MEDIAN-WAIT LONGEST-WAIT`.
final class Herd {
    private let port: UInt16
    private let count: Int
    private let pending: Int
    private let path: String
    private let epoll = epoll_create1(0)
    private var viewers: [Viewer] = []
    private var served = 0
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

    private struct Viewer {
        let descriptor: Int32
        let start: UInt64
        var seen = ""
        var hasJoined = false
        /// From its first packet to its state, ns.
        var wait: UInt64?
    }

    init(_ options: Options) {
        port = UInt16(options.number("port", 0))
        count = options.number("count", 1)
        pending = options.number("pending", 1)
        path = options.text("path") ?? Bed.viewerPath
    }

    func run() {
        OpenFiles.raiseLimit()
        print("ready")
        fflush(nil)
        while readLine() == "go" {
            let start = Clock.nanoseconds
            comeBack()
            let nanoseconds = Clock.nanoseconds - start
            let waits = viewers.compactMap(\.wait).sorted()
            print("served \(nanoseconds) \(waits[waits.count / 2]) \(waits[waits.count - 1])")
            fflush(nil)
            for viewer in viewers { close(viewer.descriptor) }
            viewers = []
        }
    }

    private func comeBack() {
        served = 0
        var events = [epoll_event](repeating: epoll_event(), count: 512)
        while served < count {
            while viewers.count < count, viewers.count - served < pending { connect() }
            let ready = epoll_wait(epoll, &events, 512, -1)
            for event in events.prefix(Int(max(0, ready))) { receive(Int(event.data.u64)) }
        }
    }

    private func connect() {
        let start = Clock.nanoseconds
        let descriptor = LoopbackSocket.connect(port: port, from: viewers.count)
        LoopbackSocket.writeAll(descriptor, Array(Handshake.request(path: path).utf8))
        LoopbackSocket.setNonBlocking(descriptor)
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: UInt64(viewers.count)))
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
        viewers.append(Viewer(descriptor: descriptor, start: start))
    }

    private func receive(_ index: Int) {
        let count = read(viewers[index].descriptor, &buffer, buffer.count)
        guard count > 0 else { FantailBench.fail("viewer \(index) was disconnected: \(viewers[index].seen)") }
        guard viewers[index].wait == nil else { return }
        viewers[index].seen += String(decoding: buffer.prefix(count), as: UTF8.self)
        let viewer = viewers[index]
        if !viewer.hasJoined, viewer.seen.contains("\r\n\r\n") {
            viewers[index].hasJoined = true
            let join = #"{"type":"join_job","jobId":"\#(Watching.ownTasks.task(of: index)!)"}"#
            LoopbackSocket.writeAll(
                viewer.descriptor, FrameEncoder.text(Array(join.utf8), mask: 0x1234_5678).array)
        }
        if viewer.seen.contains(#""job_status""#) {
            viewers[index].wait = Clock.nanoseconds - viewer.start
            viewers[index].seen = ""
            served += 1
        }
    }
}
