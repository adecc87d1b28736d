internal import CCurl

/// Any number of nodes' event streams (`text/event-stream`), read by one thread that waits for them all. Not for
/// several threads.
public final class EventStreams {
    /// An event of a stream, which has a number.
    public enum Occurrence: Sendable {
        /// The node accepted the request; events follow.
        case opened(Int)
        /// Bytes of the stream.
        case received(Int, [UInt8])
        /// The stream has ended. Nothing follows until it is opened again.
        case ended(Int, End)
    }

    /// Why a stream has ended.
    public enum End: Sendable, Equatable {
        /// The node, or a proxy, closed it.
        case closed
        /// The response was no stream: its status, and the beginning of its body.
        case refused(status: Int, body: [UInt8])
        /// There was no response, or it broke off.
        case failed(NodeFailure)
    }

    /// Bytes kept of a response that is no stream.
    static let refusalBytes = 16 * 1024
    /// Seconds of silence until a stream counts as dead; nodes send a comment every 15 s.
    private static let silenceSeconds = 40

    private let multi: UnsafeMutableRawPointer
    private var streams: [UnsafeMutableRawPointer: EventStream] = [:]
    private var occurrences: [Occurrence] = []

    /// Traps where the process has no memory.
    public init() {
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        guard let multi = curl_multi_init() else { fatalError("EventStreams: curl_multi_init failed") }
        self.multi = multi
    }

    deinit {
        for handle in streams.keys { curl_multi_remove_handle(multi, handle) }
        streams = [:]
        curl_multi_cleanup(multi)
    }

    /// Requests a stream.
    public func open(_ number: Int, _ request: NodeRequest) {
        let stream = EventStream(number: number, request: request, owner: self)
        stream.handle.set(CURLOPT_LOW_SPEED_LIMIT, 1)
        stream.handle.set(CURLOPT_LOW_SPEED_TIME, Self.silenceSeconds)
        streams[stream.handle.handle] = stream
        curl_multi_add_handle(multi, stream.handle.handle)
    }

    /// Closes a stream.
    public func close(_ number: Int) {
        for (handle, stream) in streams where stream.number == number {
            curl_multi_remove_handle(multi, handle)
            streams[handle] = nil
        }
    }

    /// Waits for occurrences, at most so long; returns them in order.
    public func wait(milliseconds: Int32) -> [Occurrence] {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        if occurrences.isEmpty, !hasFinished() {
            curl_multi_poll(multi, nil, 0, milliseconds, nil)
            curl_multi_perform(multi, &running)
            _ = hasFinished()
        }
        defer { occurrences = [] }
        return occurrences
    }

    fileprivate func keep(_ occurrence: Occurrence) { occurrences.append(occurrence) }

    private func hasFinished() -> Bool {
        var left: Int32 = 0
        var found = false
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            guard let stream = streams.removeValue(forKey: handle) else { continue }
            found = true
            keep(.ended(stream.number, stream.end(code)))
            curl_multi_remove_handle(multi, handle)
        }
        return found
    }
}

@available(*, unavailable)
extension EventStreams: Sendable {}

/// One stream, while it is open.
private final class EventStream {
    let number: Int
    let handle: NodeHandle
    private unowned let owner: EventStreams
    private var isOpen = false
    private var refusal: [UInt8] = []

    init(number: Int, request: NodeRequest, owner: EventStreams) {
        self.number = number
        self.owner = owner
        handle = NodeHandle(request)
        handle.setWriter(Self.write, Unmanaged.passUnretained(self).toOpaque())
    }

    private static let write: fantail_curl_writer = { bytes, size, count, context in
        let stream = Unmanaged<EventStream>.fromOpaque(context!).takeUnretainedValue()
        stream.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        if !isOpen, handle.status == 200, handle.contentType.hasPrefix("text/event-stream") {
            isOpen = true
            owner.keep(.opened(number))
        }
        if isOpen {
            owner.keep(.received(number, Array(bytes)))
        } else {
            refusal += bytes.prefix(EventStreams.refusalBytes - refusal.count)
        }
    }

    func end(_ code: CURLcode) -> EventStreams.End {
        if code == CURLE_OK { return isOpen ? .closed : .refused(status: handle.status, body: refusal) }
        return .failed(handle.failure(code))
    }
}
