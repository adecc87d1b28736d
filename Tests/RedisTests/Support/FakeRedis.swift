import Base
import EventLoop

@testable import RESP
@testable import Redis

/// A server that follows a script. Loop-confined.
final class FakeRedis {
    /// What to do about a command.
    enum Reaction {
        /// Send these bytes, whatever they are.
        case say(String)
        /// Do nothing.
        case silence
        /// End the connection.
        case cut
    }

    /// Gets the number of the connection, from 0, and the words of a command.
    typealias Script = (_ connection: Int, _ words: [String]) -> Reaction

    private(set) var endpoint: RedisEndpoint
    private(set) var connections: [FakeConnection] = []
    private var listener: Listener?
    private let script: Script

    init(loop: EventLoop, _ script: @escaping Script) throws {
        self.script = script
        endpoint = RedisEndpoint(address: .tcp(host: "127.0.0.1", port: 1))
        let place = ListenEndpoint.tcp(host: "127.0.0.1", port: 0, shared: false)
        let listener = try Listener(loop: loop, endpoint: place) { [weak self] in self?.accept($0) }
        endpoint = RedisEndpoint(address: .tcp(host: "127.0.0.1", port: listener.port!))
        self.listener = listener
    }

    /// What a healthy Redis says to the commands of a handshake; `nil` for all others.
    static func handshake(_ words: [String], version: String = "7.0.15", runID: String = "fake") -> Reaction? {
        switch words[0] {
        case "AUTH", "SELECT", "CLIENT": return .say("+OK\r\n")
        case "INFO":
            let text = "redis_version:\(version)\r\nrun_id:\(runID)\r\n"
            return .say("$\(text.utf8.count)\r\n\(text)\r\n")
        case "SCRIPT": return .say("$3\r\nsha\r\n")
        case "PING": return .say("+PONG\r\n")
        default: return nil
        }
    }

    private func accept(_ stream: Stream) {
        let number = connections.count
        let connection = FakeConnection(stream) { [weak self] in self?.script(number, $0) ?? .cut }
        connections.append(connection)
    }

    func close() {
        listener?.close()
        for connection in connections { connection.close() }
    }
}

/// One accepted connection. Commands are arrays of bulk strings, so the reply reader reads them.
final class FakeConnection: StreamHandler {
    private let stream: Stream
    private let reader = ValueReader()
    private let answer: ([String]) -> FakeRedis.Reaction
    private(set) var commands: [[String]] = []
    private var unsent: [UInt8] = []

    init(_ stream: Stream, _ answer: @escaping ([String]) -> FakeRedis.Reaction) {
        self.stream = stream
        self.answer = answer
        stream.handler = self
        stream.startReading(maxBytes: ReplyLimits.maxFeedBytes)
    }

    func say(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        unsent += bytes
        flush()
    }

    func close() { stream.close() }

    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {
        try? reader.feed(UnsafeRawBufferPointer(bytes))
        while let command = try? reader.next() {
            let words = command.array?.map { $0.bytes.map { String(decoding: $0, as: UTF8.self) } ?? "" } ?? []
            commands.append(words)
            switch answer(words) {
            case .say(let text): say(text)
            case .silence: break
            case .cut: return stream.close()
            }
        }
    }

    func streamDidReachEnd(_ stream: Stream) { stream.close() }
    func streamDidDrain(_ stream: Stream) { flush() }
    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {}

    private func flush() {
        guard !unsent.isEmpty, !stream.isWriting else { return }
        stream.write(SharedBytes(unsent), from: 0)
        unsent = []
    }
}
