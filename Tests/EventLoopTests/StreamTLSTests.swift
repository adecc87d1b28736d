import Base
import CTLS
import CertificateFixture
import EventLoop
import Glibc
import Testing

@testable import TLS

@Suite("Stream with TLS", .timeLimit(.minutes(1)))
struct StreamTLSTests {
    static let made = Result { try Certificates() }
    let certificates: Certificates

    init() throws { certificates = try Self.made.get() }

    private var server: TLSContext {
        get throws { try TLSContext.server(certificate: certificates.certificate(), key: certificates.key()) }
    }

    private func client(_ authority: String = "authority.pem") throws -> TLSContext {
        try TLSContext.client(authorities: certificates.path(authority))
    }

    /// Two ends that have agreed.
    private func securePair(
        _ loop: EventLoop, isolation: isolated (any Actor)? = #isolation
    ) async throws -> (server: (Stream, Probe), client: (Stream, Probe)) {
        let (serverEnd, clientEnd) = try await pair(loop)
        let (serverProbe, clientProbe) = (Probe(), Probe())
        let isOpen = Event()
        serverEnd.secure(with: try TLSConnection(server: server)) { isOpen.signal() }
        clientEnd.secure(with: try TLSConnection(client: client(), host: "localhost")) { isOpen.signal() }
        serverEnd.start(serverProbe)
        clientEnd.start(clientProbe)
        await isOpen.wait(2)
        return ((serverEnd, serverProbe), (clientEnd, clientProbe))
    }

    @Test("plain bytes go in and come out, both ways")
    func echo() async throws {
        try await onLoop { actor in
            let ends = try await securePair(actor.loop)
            ends.server.1.onRead = { [unowned probe = ends.server.1] in _ = $0.tryWrite(probe.received) }
            #expect(ends.client.0.tryWrite(Array("fan".utf8)) == 3)
            await ends.client.1.didRead.wait()
            #expect(ends.client.1.received == Array("fan".utf8))
            ends.client.0.close()
            await ends.server.1.didEnd.wait()
            #expect(ends.server.1.reachedEnds == 1, "the client said that it was the end")
            #expect(ends.server.0.securityError == nil)
        }
    }

    @Test("frames arrive in order, however many there are in a write")
    func vectors() async throws {
        try await onLoop { actor in
            let ends = try await securePair(actor.loop)
            let frames = (0..<2500).map {
                SharedBytes([UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 1 + $0 % 40))
            }
            let vector = frames.map { iovec(iov_base: $0.baseAddress, iov_len: $0.count) }
            let bytes = frames.flatMap(\.array)
            #expect(vector.withUnsafeBufferPointer(ends.server.0.tryWrite) == bytes.count)
            while ends.client.1.received.count < bytes.count { await ends.client.1.didRead.wait() }
            #expect(ends.client.1.received == bytes)
        }
    }

    @Test("a peer that does not read holds the writer back; when it reads, everything comes in order")
    func backpressure() async throws {
        try await onLoop { actor in
            let ends = try await securePair(actor.loop)
            ends.server.0.setSendBuffer(bytes: 65536)
            ends.client.0.setReceiveBuffer(bytes: 65536)
            ends.client.0.stopReading()
            var sent: [UInt8] = []
            while !ends.server.0.isWriting {
                let frame = [UInt8](repeating: UInt8(truncatingIfNeeded: sent.count / 50_000), count: 50_000)
                sent += frame[..<ends.server.0.tryWrite(frame)]
            }
            #expect(ends.server.0.tryWrite([1, 2, 3]) == 0)
            #expect(sent.count < 8 << 20)
            let behind = ends.server.0.bytesBehind
            #expect(behind > 0 && behind < 200_000 && ends.client.0.bytesBehind == 0)
            // The rest of a frame may be given, whatever waits.
            let rest = SharedBytes([UInt8](repeating: 9, count: 70_000))
            ends.server.0.write(rest, from: 10_000)
            sent += rest.array[10_000...]
            #expect(ends.server.0.bytesBehind > behind + 60_000)
            ends.client.0.startReading()
            await ends.server.1.didDrain.wait()
            while ends.client.1.received.count < sent.count { await ends.client.1.didRead.wait() }
            #expect(ends.client.1.received == sent)
            #expect(!ends.server.0.isWriting && ends.server.0.bytesBehind == 0)
            #expect(ends.server.0.tryWrite([1]) == 1)
        }
    }

    @Test("a frame that goes at once is said to be gone, too")
    func drains() async throws {
        try await onLoop { actor in
            let ends = try await securePair(actor.loop)
            ends.server.0.write(SharedBytes([1, 2, 3]), from: 1)
            await ends.server.1.didDrain.wait()
            while ends.client.1.received.count < 2 { await ends.client.1.didRead.wait() }
            #expect(ends.client.1.received == [2, 3])
        }
    }

    @Test("nothing is written before both sides have agreed")
    func early() async throws {
        try await onLoop { actor in
            let (serverEnd, clientEnd) = try await pair(actor.loop)
            serverEnd.secure(with: try TLSConnection(server: server))
            let probe = Probe()
            serverEnd.start(probe)
            #expect(serverEnd.tryWrite([1]) == Int(-EPIPE))
            clientEnd.close()
            await probe.didEnd.wait()
        }
    }

    @Test("a peer that demands answers and reads none is ended")
    func demands() async throws {
        try await onLoop { actor in
            let (serverEnd, clientEnd) = try await pair(actor.loop)
            let (probe, isOpen) = (Probe(), Event())
            serverEnd.secure(with: try TLSConnection(server: server)) { isOpen.signal() }
            serverEnd.start(probe)
            let peer = try RawPeer(TLSConnection(client: client(), host: "localhost"), clientEnd)
            await isOpen.wait()  // the client is open first
            clientEnd.stopReading()
            while !serverEnd.isWriting { _ = serverEnd.tryWrite([UInt8](repeating: 7, count: 60_000)) }
            for _ in 0..<10 where serverEnd.isOpen { peer.demandAnswers(100) }
            await probe.didEnd.wait()
            #expect(serverEnd.securityError == .failed("it demands answers and reads none"))
            clientEnd.close()
        }
    }

    @Test("a client that speaks plain HTTP is told so in plain HTTP, also where it sends a large body")
    func plainBody() async throws {
        try await onLoop { actor in
            let (serverEnd, clientEnd) = try await pair(actor.loop)
            let (serverProbe, clientProbe) = (Probe(), Probe())
            clientProbe.closesAtEnd = false
            serverEnd.secure(with: try TLSConnection(server: server))
            serverEnd.start(serverProbe)
            clientEnd.start(clientProbe)
            let rest = SharedBytes(Array("PATCH / HTTP/1.1\r\n\r\n".utf8) + [UInt8](repeating: 7, count: 4 << 20))
            clientEnd.write(rest, from: 0)
            await clientProbe.didDrain.wait()
            clientEnd.finishWriting()
            await clientProbe.didReachEnd.wait()
            await serverProbe.didEnd.wait()
            #expect(String(decoding: clientProbe.received, as: UTF8.self).contains("use https:// or wss://"))
            #expect(serverProbe.received.isEmpty)
            clientEnd.close()
        }
    }

    @Test("an attempt that is given up says so, whatever it waits for")
    func cancels() async throws {
        try await onLoop { actor in
            let door = try Door(actor.loop)
            for isEarly in [true, false] {
                let (context, told) = (try client(), Event())
                var result: Result<Stream, SecureConnectError>?
                let attempt = Stream.connectSecurely(
                    loop: actor.loop, to: .tcp(host: "127.0.0.1", port: door.port), context: context, host: "localhost",
                    timeoutMilliseconds: 20_000
                ) {
                    result = $0
                    told.signal()
                }
                let stream = isEarly ? nil : await door.next()
                attempt.cancel()
                #expect(result == nil)
                await told.wait()
                #expect(failure(result!) == .system(SystemError(.connect, code: ECANCELED)))
                stream?.close()
            }
        }
    }

    @Test("a client that speaks plain HTTP is told so in plain HTTP")
    func plainHTTP() async throws {
        try await onLoop { actor in
            let (serverEnd, clientEnd) = try await pair(actor.loop)
            let (serverProbe, clientProbe) = (Probe(), Probe())
            serverEnd.secure(with: try TLSConnection(server: server))
            serverEnd.start(serverProbe)
            clientEnd.start(clientProbe)
            _ = clientEnd.tryWrite(Array("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            await serverProbe.didEnd.wait()
            await clientProbe.didEnd.wait()
            let answer = String(decoding: clientProbe.received, as: UTF8.self)
            #expect(answer.contains("HTTP/1.1 400 Bad Request\r\n") && answer.contains("use https:// or wss://"))
            #expect(serverEnd.securityError == .plainHTTP)
        }
    }

    @Test("a client connects, and knows whom it has reached")
    func connects() async throws {
        try await onLoop { actor in
            let stream = try await connect(actor.loop, client(), host: "localhost").get()
            #expect(stream.isSecure)
            let probe = Probe()
            stream.start(probe)
            #expect(stream.tryWrite(Array("ping".utf8)) == 4)
            await probe.didRead.wait()
            #expect(probe.received == Array("ping".utf8))
            stream.close()
        }
    }

    @Test("a client does not speak to a server that is somebody else")
    func somebodyElse() async throws {
        try await onLoop { actor in
            let stranger = try await connect(actor.loop, client("stranger.pem"), host: "localhost")
            #expect(failure(stranger) == .insecure(.untrusted("unable to get local issuer certificate")))
            let other = try await connect(actor.loop, client(), host: "example.org")
            #expect(failure(other) == .insecure(.untrusted("hostname mismatch")))
        }
    }

    @Test("a server that says nothing, or goes away in the middle, is given up")
    func silence() async throws {
        try await onLoop { actor in
            let silent = try await connect(actor.loop, client(), host: "localhost", milliseconds: 100) { _ in }
            #expect(failure(silent) == .silent)
            let gone = try await connect(actor.loop, client(), host: "localhost") { $0.close() }
            #expect(failure(gone) == .ended)
        }
    }

    private func failure(_ result: Result<Stream, SecureConnectError>) -> SecureConnectError? {
        if case .failure(let error) = result { error } else { nil }
    }

    /// Connects to a server that echoes, or does what `serve` does.
    private func connect(
        _ loop: EventLoop, _ context: TLSContext, host: String, milliseconds: UInt64 = 20_000,
        serve: ((Stream) -> Void)? = nil, isolation: isolated (any Actor)? = #isolation
    ) async throws -> Result<Stream, SecureConnectError> {
        let server = try server
        let listener = try Listener(loop: loop, endpoint: anyPort) { stream in
            if let serve { return serve(stream) }
            let probe = Probe()
            probe.onRead = { [unowned probe] in _ = $0.tryWrite(probe.received) }
            stream.secure(with: try! TLSConnection(server: server))
            stream.start(probe)
        }
        defer { listener.close() }
        let done = Event()
        var results: [Result<Stream, SecureConnectError>] = []
        Stream.connectSecurely(
            loop: loop, to: .tcp(host: "127.0.0.1", port: listener.port!), context: context, host: host,
            timeoutMilliseconds: milliseconds
        ) { result in
            results.append(result)
            done.signal()
        }
        precondition(results.isEmpty, "completed within the call")
        await done.wait()
        precondition(results.count == 1)
        return results[0]
    }
}

/// A client whose bytes a test carries itself.
private final class RawPeer: StreamHandler {
    private let connection: TLSConnection
    private let stream: Stream
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSConnection.maxRecordBytes, alignment: 1)

    init(_ connection: TLSConnection, _ stream: Stream) {
        self.connection = connection
        self.stream = stream
        stream.handler = self
        stream.startReading()
        flush()
    }

    deinit { buffer.deallocate() }

    /// Wants new keys of the other side so many times, each of which it has to say (RFC 8446 4.6.3).
    func demandAnswers(_ count: Int) {
        for _ in 0..<count {
            SSL_key_update(connection.connection, SSL_KEY_UPDATE_REQUESTED)
            SSL_do_handshake(connection.connection)
        }
        flush()
    }

    private func flush() {
        var bytes: [UInt8] = []
        connection.takeOutput { bytes = Array($0) }
        if !bytes.isEmpty { #expect(stream.tryWrite(bytes) == bytes.count) }
    }

    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {
        try? connection.receive(UnsafeRawBufferPointer(bytes), into: buffer) { _ in true }
        flush()
    }

    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {}
}
