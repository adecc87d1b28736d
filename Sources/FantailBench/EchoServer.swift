import Base
import EventLoop
import Glibc
import HTTP
import WebSocket

/// A WebSocket echo server with the node's own code, for conformance suites.
enum EchoServer {
    /// The longest message echoed.
    static let maxMessageBytes = 16 << 20

    static func run(port: UInt16) throws {
        let loop = try EventLoop(name: "echo")
        try loop.start()
        loop.execute {
            let inflater = Inflater()
            let deflater = Deflater()
            let place = ListenEndpoint.tcp(host: "127.0.0.1", port: port, shared: false)
            do throws(SystemError) {
                let listener = try Listener(loop: loop, endpoint: place) { stream in
                    EchoConnection(stream, inflater, deflater).start()
                }
                print("echo on ws://127.0.0.1:\(listener.port ?? 0)/")
            } catch {
                FantailBench.fail("cannot listen on port \(port): \(error)")
            }
            fflush(nil)
        }
        loop.join()
    }
}

/// One client: handshake, then every message is echoed. The stream keeps it alive.
private final class EchoConnection: StreamHandler {
    private let stream: Stream
    private let inflater: Inflater
    private var deflater: Deflater
    private var http = RequestDecoder()
    private var frames: WebSocketDecoder?
    private var deflate = false
    private var queue = Queue<SharedBytes>()
    private var isClosing = false

    init(_ stream: Stream, _ inflater: Inflater, _ deflater: Deflater) {
        self.stream = stream
        self.inflater = inflater
        self.deflater = deflater
    }

    func start() {
        stream.handler = self
        stream.startReading(maxBytes: 64 * 1024)
    }

    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {
        if frames == nil { shake(UnsafeRawBufferPointer(bytes)) } else { frames?.append(UnsafeRawBufferPointer(bytes)) }
        echo()
    }

    private func shake(_ bytes: UnsafeRawBufferPointer) {
        http.append(bytes)
        guard let output = try? http.next(), case .head(let head) = output else { return }
        do throws(HandshakeRejection) {
            let acceptance = try ServerHandshake.accept(head: head, subprotocols: [], allowDeflate: true)
            send(SharedBytes(acceptance.response))
            deflate = acceptance.deflate
            if acceptance.needsNarrowWindow { deflater = deflater.narrow }
            let limits = WebSocketLimits(
                maxMessageBytes: EchoServer.maxMessageBytes, maxInflatedBytes: EchoServer.maxMessageBytes)
            frames = WebSocketDecoder(role: .server, limits: limits, deflate: deflate)
            http.takeRemainder().withUnsafeBytes { frames?.append($0) }
        } catch {
            send(SharedBytes(error.response.encode(keepAlive: false)))
            finish()
        }
    }

    private func echo() {
        do throws(WebSocketError) {
            while !isClosing, let event = try frames?.next(inflater: inflater) {
                switch event {
                case .message(let isText, let payload): send(answer(payload, isText: isText))
                case .ping(let payload): send(FrameEncoder.pong(payload))
                case .pong: break
                case .close(let code, _):
                    send(FrameEncoder.close(answering: code))
                    finish()
                }
            }
        } catch {
            send(FrameEncoder.close(error.closeCode, reason: error.message))
            finish()
        }
    }

    private func answer(_ payload: [UInt8], isText: Bool) -> SharedBytes {
        let compressed =
            !deflate
            ? nil
            : isText
                ? FrameEncoder.compressedText(payload, deflater) : FrameEncoder.compressedBinary(payload, deflater)
        return compressed ?? (isText ? FrameEncoder.text(payload) : FrameEncoder.binary(payload))
    }

    private func send(_ bytes: SharedBytes) {
        queue.append(bytes)
        pump()
    }

    private func pump() {
        guard !stream.isWriting, let bytes = queue.popFirst() else { return }
        stream.write(bytes, from: 0)
    }

    private func finish() {
        isClosing = true
        if queue.isEmpty, !stream.isWriting { stream.close() }
    }

    func streamDidDrain(_ stream: Stream) {
        pump()
        if isClosing { finish() }
    }

    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {}
}
