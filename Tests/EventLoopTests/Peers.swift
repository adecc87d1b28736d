import Base
import EventLoop
import Glibc

/// A handler that keeps what it is told, and signals it.
final class Probe: StreamHandler {
    let didRead = Event()
    let didDrain = Event()
    let didReachEnd = Event()
    let didEnd = Event()
    var onRead: (Stream) -> Void = { _ in }
    var closesAtEnd = true
    private(set) var received: [UInt8] = []
    private(set) var largestRead = 0
    private(set) var ends: [StreamEnd] = []
    private(set) var reachedEnds = 0
    private(set) var callsAfterEnd = 0

    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {
        noteCall()
        received += bytes
        largestRead = max(largestRead, bytes.count)
        onRead(stream)
        didRead.signal()
    }

    func streamDidDrain(_ stream: Stream) {
        noteCall()
        didDrain.signal()
    }

    func streamDidReachEnd(_ stream: Stream) {
        noteCall()
        reachedEnds += 1
        if closesAtEnd { stream.close() }
        didReachEnd.signal()
    }

    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {
        noteCall()
        ends.append(reason)
        didEnd.signal()
    }

    private func noteCall() {
        if !ends.isEmpty { callsAfterEnd += 1 }
    }
}

/// Ends with the library's own answer to the end of the stream.
final class PlainHandler: StreamHandler {
    let didEnd = Event()
    private(set) var reason: StreamEnd?

    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {}

    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {
        self.reason = reason
        didEnd.signal()
    }
}

extension Stream {
    /// Tries to write all of it with one buffer.
    func tryWrite(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { bytes in
            let vector = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
            return withUnsafePointer(to: vector) { tryWrite(UnsafeBufferPointer(start: $0, count: 1)) }
        }
    }

    /// Writes `frame` again and again until the kernel takes no more: how many bytes of all, and of the last one.
    func fill(with frame: SharedBytes) -> (total: Int, last: Int) {
        let bytes = frame.array
        var total = 0
        while true {
            let last = tryWrite(bytes)
            precondition(last >= 0, "writing failed with \(last)")
            total += last
            if last < bytes.count { return (total, last) }
        }
    }

    func start(_ handler: any StreamHandler) {
        self.handler = handler
        startReading()
    }
}

/// A blocking socket, as another process would have it: what the loop is tested against.
struct BlockingSocket {
    let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    init(connectedTo port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        BlockingSocket.connect(descriptor, to: port)
    }

    /// The kernel answers for a listener, whether or not that accepts.
    static func connect(_ descriptor: Int32, to port: UInt16) {
        var address = BlockingSocket.loopback(port)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(code == 0, "no connection to port \(port)")
    }

    static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    func send(_ bytes: [UInt8]) {
        precondition(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    /// Up to `count` bytes, fewer at the end of the stream; nil after a reset.
    func read(_ count: Int) -> [UInt8]? {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while result.count < count {
            let length = Glibc.read(descriptor, &buffer, min(buffer.count, count - result.count))
            if length < 0 { return nil }
            if length == 0 { break }
            result += buffer[..<length]
        }
        return result
    }

    /// Ends sending only.
    func finishWriting() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    func close() {
        Glibc.close(descriptor)
    }

    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}

/// Where tests listen: a port the system picks.
let anyPort = ListenEndpoint.tcp(host: "127.0.0.1", port: 0, shared: true)

/// A listener whose streams wait here until a test takes them.
final class Door {
    private(set) var listener: Listener!
    private var waiting: [Stream] = []
    private let didAccept = Event()

    init(
        _ loop: EventLoop, _ endpoint: ListenEndpoint = anyPort, backlog: Int32 = 128, patience: Int32? = nil
    ) throws {
        listener = try Listener(
            loop: loop, endpoint: endpoint, backlog: backlog, peerPatienceMilliseconds: patience
        ) { [unowned self] stream in
            waiting.append(stream)
            didAccept.signal()
        }
    }

    var port: UInt16 { listener.port! }
    var isEmpty: Bool { waiting.isEmpty }

    func next(isolation: isolated (any Actor)? = #isolation) async -> Stream {
        await didAccept.wait()
        return waiting.removeFirst()
    }
}

/// What comes of connecting.
func connect(
    _ loop: EventLoop, to endpoint: Endpoint, timeoutMilliseconds: UInt64 = 5000,
    isolation: isolated (any Actor)? = #isolation
) async -> Result<Stream, SystemError> {
    let done = Event()
    var results: [Result<Stream, SystemError>] = []
    Stream.connect(loop: loop, to: endpoint, timeoutMilliseconds: timeoutMilliseconds) { result in
        results.append(result)
        done.signal()
    }
    precondition(results.isEmpty, "completed within the call")
    await done.wait()
    precondition(results.count == 1)
    return results[0]
}

/// Both ends of one connection.
func pair(
    _ loop: EventLoop, isolation: isolated (any Actor)? = #isolation
) async throws -> (server: Stream, client: Stream) {
    let door = try Door(loop)
    let client = try await connect(loop, to: .tcp(host: "127.0.0.1", port: door.port)).get()
    let server = await door.next()
    door.listener.close()
    return (server, client)
}
