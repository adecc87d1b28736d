import Base
import CEpoll
import Glibc
import TLS
import WebSocket

/// What the viewers of a node watch.
enum Watching: String {
    case nothing, oneTask, ownTasks

    /// The task of viewer number `index`, as its channel is called in ``Bed/channel``.
    func task(of index: Int) -> String? {
        switch self {
        case .nothing: nil
        case .oneTask: "bench"
        case .ownTasks: "bench\(index)"
        }
    }
}

/// Many viewers in one process, too cheap to distort the measurement: epoll, and only the parsing that counting needs.
///
/// Reads commands from standard input: `expect N` begins a phase in which each viewer must get N events, `until N` one
/// that lasts until each has got event number N, `quit` ends the process. Writes `ready`, and for each phase
/// `done FRAMES BYTES DISORDER NANOSECONDS`.
final class Viewers {
    private let port: UInt16
    private let count: Int
    private let path: String?
    /// For other servers than a node: what a viewer says after the handshake, and what it waits for.
    private let greeting: (says: String, hears: String)?
    /// Whom viewers believe, where they speak TLS.
    private let context: TLSContext?
    private let watching: Watching
    private let epoll = epoll_create1(0)
    private var viewers: [Viewer] = []
    private var buffer = [UInt8](repeating: 0, count: 256 * 1024)

    private var expected = 0
    /// The number of the last event of a phase that began with `until`, and the viewers that have not got it yet.
    private var last = 0
    private var behind = 0
    private var frames = 0
    private var bytes = 0
    private var disorder = 0
    // Unchecked: a check of every access at run time costs more than the rest of a frame.
    @exclusivity(unchecked)
    private var markerOffset = 0
    private let marker: UnsafeRawBufferPointer = {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Payload.marker.count, alignment: 1)
        bytes.copyBytes(from: Payload.marker)
        return UnsafeRawBufferPointer(bytes)
    }()
    private var first: UInt64 = 0

    /// One socket, and its counts.
    private struct Viewer {
        let descriptor: Int32
        let security: ViewerSecurity?
        var rest: [UInt8] = []
        var last = 0
    }

    init(_ options: Options) {
        port = UInt16(options.number("port", 0))
        count = options.number("count", 1)
        path = options.text("path")
        greeting = options.text("hears").map { (options.text("say") ?? "", $0) }
        context = options.text("ca").map { authorities in
            do throws(TLSError) {
                return try TLSContext.client(authorities: authorities)
            } catch {
                FantailBench.fail(error.message)
            }
        }
        watching = options.text("watching").flatMap(Watching.init) ?? .oneTask
    }

    func run() {
        OpenFiles.raiseLimit()
        for index in 0..<count {
            let descriptor = LoopbackSocket.connect(port: port)
            let security = context.map { ViewerSecurity($0, descriptor) }
            if let path { join(descriptor, security, path, index) }
            LoopbackSocket.setNonBlocking(descriptor)
            watch(descriptor, UInt64(index))
            viewers.append(Viewer(descriptor: descriptor, security: security))
        }
        watch(STDIN_FILENO, UInt64.max)
        print("ready")
        fflush(nil)
        while turn() {}
    }

    private func watch(_ descriptor: Int32, _ tag: UInt64) {
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: tag))
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
    }

    /// Handshake, join the task, and wait for the answer to a following ping; with a greeting, that instead.
    private func join(_ descriptor: Int32, _ security: ViewerSecurity?, _ path: String, _ index: Int) {
        let send = { (bytes: [UInt8]) in
            if let security { security.send(bytes) } else { LoopbackSocket.writeAll(descriptor, bytes) }
        }
        var seen: [UInt8] = []
        let wait = { (words: String) in
            while !String(decoding: seen, as: UTF8.self).contains(words) {
                let bytes = LoopbackSocket.read(descriptor)
                if let security { security.receive(bytes) { seen += $0 } } else { seen += bytes }
            }
        }
        send(Array(Handshake.request(path: path).utf8))
        // Other servers refuse what comes before they have answered.
        if greeting != nil { wait("\r\n\r\n") }
        let join = watching.task(of: index).map { #"{"type":"join_job","jobId":"\#($0)"}"# }
        let messages = greeting.map { [$0.says] } ?? [join, #"{"type":"ping"}"#].compactMap(\.self)
        for message in messages where !message.isEmpty {
            send(FrameEncoder.text(Array(message.utf8), mask: 0x1234_5678).array)
        }
        wait(greeting?.hears ?? #""pong""#)
    }

    private func turn() -> Bool {
        var events = [epoll_event](repeating: epoll_event(), count: 512)
        let count = epoll_wait(epoll, &events, 512, -1)
        for event in events.prefix(Int(max(0, count))) {
            if event.data.u64 == UInt64.max {
                guard command() else { return false }
            } else {
                receive(Int(event.data.u64))
            }
        }
        return true
    }

    private func command() -> Bool {
        var text = [UInt8](repeating: 0, count: 256)
        let count = read(STDIN_FILENO, &text, text.count)
        guard count > 0 else { return false }
        let words = String(decoding: text.prefix(count), as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count > 1, let number = Int(words[1]), words[0] == "expect" || words[0] == "until" else {
            return false
        }
        let isUntil = words[0] == "until"
        (last, behind) = isUntil ? (number, viewers.count) : (0, 0)
        expected = isUntil ? .max : number * viewers.count
        (frames, bytes, disorder, first) = (0, 0, 0, 0)
        for index in viewers.indices { viewers[index].last = 0 }
        print("expecting")
        fflush(nil)
        return true
    }

    private func receive(_ index: Int) {
        let count = read(viewers[index].descriptor, &buffer, buffer.count)
        guard count > 0 else {
            if count == 0 { FantailBench.fail("viewer \(index) was disconnected") }
            return
        }
        if first == 0 { first = Clock.nanoseconds }
        buffer.withUnsafeBytes { bytes in
            let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            if let security = viewers[index].security {
                security.receive(bytes) { take($0, index) }
            } else {
                take(bytes, index)
            }
        }
        if frames == expected && expected > 0 || last > 0 && behind == 0 {
            print("done \(frames) \(bytes) \(disorder) \(Clock.nanoseconds - first)")
            fflush(nil)
            (expected, last) = (0, 0)
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer, _ index: Int) {
        let rest = viewers[index].rest
        guard !rest.isEmpty else { return scan(bytes, index) }
        viewers[index].rest = []
        (rest + bytes).withUnsafeBytes { scan($0, index) }
    }

    /// Reads the frames; keeps an incomplete one for the next read.
    private func scan(_ input: UnsafeRawBufferPointer, _ index: Int) {
        var viewer = viewers[index]
        var seen = (frames: 0, bytes: 0, disorder: 0)
        var offset = 0
        while input.count - offset >= 2 {
            let short = Int(input[offset + 1] & 0x7F)
            let header = short < 126 ? 2 : short == 126 ? 4 : 10
            guard input.count - offset >= header else { break }
            let length = header == 2 ? short : input[(offset + 2)..<(offset + header)].reduce(0) { $0 << 8 | Int($1) }
            guard input.count - offset >= header + length else { break }
            let frame = UnsafeRawBufferPointer(rebasing: input[offset..<offset + header + length])
            offset += frame.count
            let before = seen.frames
            var rest = frame
            while let number = number(in: rest) {
                if number != viewer.last + 1 { seen.disorder += 1 }
                if number == last { behind -= 1 }
                viewer.last = number
                seen.frames += 1
                // Only other servers put several events into one frame.
                guard greeting != nil else { break }
                rest = UnsafeRawBufferPointer(rebasing: rest[(markerOffset + marker.count + 10)...])
            }
            if seen.frames > before { seen.bytes += frame.count }
        }
        if offset < input.count { viewer.rest = Array(input[offset...]) }
        viewers[index] = viewer
        frames += seen.frames
        bytes += seen.bytes
        disorder += seen.disorder
    }

    /// The event's number, nil where the frame holds none. Usually it is at the same place as in the frame before.
    private func number(in frame: UnsafeRawBufferPointer) -> Int? {
        let count = marker.count
        if markerOffset + count + 10 > frame.count
            || memcmp(frame.baseAddress! + markerOffset, marker.baseAddress!, count) != 0
        {
            guard let found = memmem(frame.baseAddress!, frame.count, marker.baseAddress!, count) else { return nil }
            markerOffset = UnsafeRawPointer(found) - frame.baseAddress!
        }
        let digits = frame[(markerOffset + count + 1)..<(markerOffset + count + 10)]
        return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
    }
}
