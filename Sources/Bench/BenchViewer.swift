import Base
import EventLoop
import HTTP
import WebSocket
import Terminal

/// Counts the events that a viewer receives.
protocol BenchViewerOwner: AnyObject {
    func didLose(_ viewer: BenchViewer)
    func didReceive(_ viewer: BenchViewer, number: Int, dueMicroseconds: UInt64, now: UInt64)
}

/// One viewer of one task.
final class BenchViewer: StreamHandler {
    let task: Int
    /// The number of the last event.
    var last = 0
    /// Whether an event arrived.
    var isReady = false

    private unowned let load: any BenchViewerOwner
    private let dialect: BenchOptions.Dialect
    private let taskName: String
    private let token: String
    private var writer: BenchWriter?
    private var handshake: ClientHandshake?
    private var decoder: WebSocketDecoder?
    private var head: [UInt8] = []
    private var events: EventStreamDecoder?
    private var hasEnded = false
    private(set) var reason = "the node closed the connection"

    init(load: any BenchViewerOwner, task: Int, taskName: String, dialect: BenchOptions.Dialect, token: String) {
        self.load = load
        self.task = task
        self.taskName = taskName
        self.dialect = dialect
        self.token = token
    }

    /// Sends the request on a new connection.
    func begin(_ stream: Stream, node: NodeURL) {
        stream.handler = self
        let writer = BenchWriter(stream)
        self.writer = writer
        stream.startReading()
        guard dialect != .events else {
            let request = ClientRequest(
                method: "GET", target: node.prefix + "/api/v1/tasks/\(PercentCoding.encode(taskName))/events",
                headers: [
                    "Host": node.authority, "Accept": "text/event-stream", "Authorization": "Bearer \(token)",
                ])
            return writer.write(SharedBytes(request.encode()))
        }
        var random = SystemRandomNumberGenerator()
        let key = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        let handshake = ClientHandshake(host: node.authority, target: node.prefix + target, key: key)
        self.handshake = handshake
        writer.write(SharedBytes(handshake.request))
    }

    private var target: String {
        switch dialect {
        case .jobs: "/ws?token=\(PercentCoding.encode(token))"
        case .topics: "/api/v1/ws?token=\(PercentCoding.encode(token))&protocol=1.0"
        case .tasks, .events: "/ws"
        }
    }

    // MARK: StreamHandler

    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {
        let now = Monotonic.nanoseconds
        let input = UnsafeRawBufferPointer(bytes)
        if dialect == .events { return readEvents(input, stream, now) }
        do {
            if decoder == nil {
                guard let rest = try shakeHands(input) else { return }
                rest.withUnsafeBytes { decoder?.append($0) }
                ask()
            } else {
                decoder?.append(input)
            }
            while let event = try decoder?.next(inflater: nil) { take(event, stream, now) }
        } catch let error as ClientHandshakeError {
            fail(stream, error.message)
        } catch {
            fail(stream, "the node sent a broken WebSocket frame")
        }
    }

    func streamDidDrain(_ stream: Stream) { writer?.drained() }

    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {
        guard !hasEnded else { return }
        hasEnded = true
        load.didLose(self)
    }

    private func fail(_ stream: Stream, _ reason: String) {
        self.reason = reason
        stream.close()
    }

    // MARK: WebSocket

    /// The bytes after the node's part of the handshake, once that is complete.
    private func shakeHands(_ bytes: UnsafeRawBufferPointer) throws -> [UInt8]? {
        handshake?.append(bytes)
        guard try handshake?.next() != nil else { return nil }
        defer { handshake = nil }
        decoder = WebSocketDecoder(role: .client, deflate: false)
        return handshake?.takeRemainder()
    }

    private func ask() {
        switch dialect {
        case .jobs: send(#"{"type":"join_job","jobId":"\#(taskName)"}"#)
        case .tasks:
            send(#"{"type":"auth","id":"1","payload":{"token":"\#(token)"}}"#)
            send(#"{"type":"subscribe_task","id":"2","payload":{"videoId":"\#(taskName)"}}"#)
        case .topics:
            send(
                #"{"type":"subscribe","messageId":"1","data":{"topic":"task","params":{"taskId":"\#(taskName)"}}}"#)
        case .events: break
        }
    }

    private func send(_ json: String) {
        writer?.write(FrameEncoder.text(Array(json.utf8), mask: .random(in: 0...UInt32.max)))
    }

    private func take(_ event: WebSocketDecoder.Event, _ stream: Stream, _ now: UInt64) {
        switch event {
        case .message(_, let message):
            if let (number, due) = message.withUnsafeBytes({ BenchEvent.read($0) }) {
                load.didReceive(self, number: number, dueMicroseconds: due, now: now)
            } else if Self.isRefusal(message) {
                reason = "the node sent the error " + String(decoding: message, as: UTF8.self)
            }
        case .ping(let payload): writer?.write(FrameEncoder.pong(payload, mask: .random(in: 0...UInt32.max)))
        case .pong: break
        case .close(let code, let words):
            if let code, reason == "the node closed the connection" { reason += " with \(code.rawValue) \(words)" }
            stream.close()
        }
    }

    /// An error in any of the dialects.
    private static func isRefusal(_ message: [UInt8]) -> Bool {
        [#"{"type":"error""#, #"{"type":"authError""#].contains { message.starts(with: $0.utf8) }
    }

    // MARK: Event stream

    private func readEvents(_ bytes: UnsafeRawBufferPointer, _ stream: Stream, _ now: UInt64) {
        if events == nil {
            head += bytes
            guard let end = head.firstEnd else { return }
            let text = String(decoding: head[..<end], as: UTF8.self)
            guard text.hasPrefix("HTTP/1.1 200"), !text.lowercased().contains("transfer-encoding") else {
                return fail(stream, "the node answered " + text.prefix { $0 != "\r\n" })
            }
            events = EventStreamDecoder(maxBytes: 70_000)
            let rest = Array(head[end...])
            head = []
            return rest.withUnsafeBytes { readEvents($0, stream, now) }
        }
        guard let found = try? events?.append(bytes) else { return fail(stream, "an event was too large") }
        for event in found {
            guard let (number, due) = event.data.withUnsafeBytes({ BenchEvent.read($0) }) else { continue }
            load.didReceive(self, number: number, dueMicroseconds: due, now: now)
        }
    }
}

extension [UInt8] {
    /// The index after the empty line that ends an HTTP head.
    fileprivate var firstEnd: Int? {
        let mark: [UInt8] = [13, 10, 13, 10]
        return indices.dropLast(3).first { self[$0..<$0 + 4].elementsEqual(mark) }.map { $0 + 4 }
    }
}
