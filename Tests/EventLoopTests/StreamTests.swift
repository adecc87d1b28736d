import Base
import EventLoop
import Glibc
import Testing

@Suite("Stream", .timeLimit(.minutes(1)))
struct StreamTests {
    @Test("echoes what a client sends, and ends when the client does")
    func echo() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let (serverSide, clientSide) = (Probe(), Probe())
            serverSide.onRead = { [unowned serverSide] stream in _ = stream.tryWrite(serverSide.received) }
            server.start(serverSide)
            client.start(clientSide)
            #expect(client.tryWrite(Array("fan".utf8)) == 3)
            await clientSide.didRead.wait()
            #expect(clientSide.received == Array("fan".utf8))
            client.close()
            #expect(!client.isOpen && clientSide.ends.isEmpty)
            await serverSide.didEnd.wait()
            await clientSide.didEnd.wait()
            #expect(serverSide.ends == [.closed] && clientSide.ends == [.closed])
        }
    }

    @Test("one that is not told otherwise closes at the end of the stream, and says so")
    func endOfStream() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let handler = PlainHandler()
            server.start(handler)
            client.close()
            await handler.didEnd.wait()
            #expect(handler.reason == .endOfStream)
        }
    }

    @Test("a vector of frames arrives in order, also with more buffers than one system call takes")
    func vectors() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let probe = Probe()
            client.start(probe)
            let frames = (0..<2500).map { SharedBytes([UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)]) }
            let vector = frames.map { iovec(iov_base: $0.baseAddress, iov_len: $0.count) }
            #expect(vector.withUnsafeBufferPointer(server.tryWrite) == 5000)
            while probe.received.count < 5000 { await probe.didRead.wait() }
            #expect(probe.received == frames.flatMap(\.array))
            #expect(server.tryWrite(UnsafeBufferPointer(start: nil, count: 0)) == 0)
        }
    }

    @Test("a peer that does not read: a short write, then none; the rest goes when it reads, in order")
    func backpressure() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let (serverSide, clientSide) = (Probe(), Probe())
            server.start(serverSide)
            server.setSendBuffer(bytes: 65536)
            let frame = SharedBytes((0..<100_000).map { UInt8(truncatingIfNeeded: $0 % 251) })
            let (sent, last) = server.fill(with: frame)
            server.write(frame, from: last)
            #expect(server.isWriting)
            #expect(server.tryWrite([1]) == 0)

            clientSide.onRead = { _ in #expect(server.isWriting || serverSide.received.isEmpty) }
            client.start(clientSide)
            await serverSide.didDrain.wait()
            #expect(!server.isWriting)
            #expect(server.tryWrite(Array("end".utf8)) == 3)
            while clientSide.received.count < sent - last + frame.count + 3 { await clientSide.didRead.wait() }
            let expected = (0..<(sent - last) / frame.count + 1).flatMap { _ in frame.array } + Array("end".utf8)
            #expect(clientSide.received == expected)
        }
    }

    @Test("nothing overtakes the rest of a frame, also when the kernel has room again")
    func orderOfWrites() async throws {
        try await onLoop { actor in
            let door = try Door(actor.loop)
            let client = BlockingSocket(connectedTo: door.port)
            defer { client.close() }
            let (server, probe) = (await door.next(), Probe())
            server.handler = probe
            let frame = SharedBytes([UInt8](repeating: 1, count: 20_000))
            let (total, last) = server.fill(with: frame)
            server.write(frame, from: last)
            // The kernel has room from here on; libuv learns of it in the next turn.
            #expect(client.read(total) != nil)
            #expect(server.isWriting && server.tryWrite([2]) == 0)
            await probe.didDrain.wait()
            #expect(!server.isWriting && server.tryWrite([2]) == 1)
            #expect(client.read(frame.count - last)?.allSatisfy { $0 == 1 } == true)
            #expect(client.read(1) == [2])
            server.close()
        }
    }

    @Test("a closed stream never writes to the connection that got its number")
    func descriptorReuse() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            server.close()
            let reused = (0..<200).map { _ in dup(0) }
            #expect(server.tryWrite([1]) == -Int(EBADF))
            for descriptor in reused { close(descriptor) }
            client.close()
        }
    }

    @Test("closing with a write under way ends once, and says nothing of draining")
    func closeWhileWriting() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let probe = Probe()
            server.start(probe)
            let frame = SharedBytes([UInt8](repeating: 1, count: 1 << 20))
            _ = server.fill(with: frame)
            server.write(frame, from: 0)
            server.close()
            server.close()
            await probe.didEnd.wait()
            client.close()
            #expect(probe.ends == [.closed] && probe.callsAfterEnd == 0)
            #expect(!server.isWriting && server.tryWrite([1]) == -Int(EBADF))
        }
    }

    @Test("a peer's reset ends it with ECONNRESET")
    func resetByPeer() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let (probe, other) = (Probe(), Probe())
            server.start(probe)
            client.handler = other
            client.reset()
            await probe.didEnd.wait()
            await other.didEnd.wait()
            #expect(probe.ends == [.failed(SystemError(.read, code: ECONNRESET))])
            #expect(other.ends == [.closed])
        }
    }

    @Test("a write under way when the peer resets ends it, once")
    func resetWhileWriting() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let probe = Probe()
            server.handler = probe  // Not reading: the write is what notices.
            let frame = SharedBytes([UInt8](repeating: 1, count: 1 << 20))
            _ = server.fill(with: frame)
            server.write(frame, from: 0)
            client.reset()
            await probe.didEnd.wait()
            #expect(probe.ends.count == 1 && probe.callsAfterEnd == 0)
            guard case .failed(let error) = probe.ends[0] else { return #expect(Bool(false), "\(probe.ends)") }
            #expect(error.code == ECONNRESET || error.code == EPIPE)
        }
    }

    @Test("tryWrite answers a negative errno once the peer is gone, and the process lives")
    func brokenPipe() async throws {
        SignalSource.ignoreBrokenPipes()
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let probe = Probe()
            client.handler = probe
            client.reset()
            await probe.didEnd.wait()
            var code = 0
            while code >= 0 { code = server.tryWrite([1]) }
            #expect([EPIPE, ECONNRESET].contains(Int32(-code)))
            server.close()
        }
    }

    @Test("a half-closed peer still gets its answer from whoever waits with closing")
    func halfClose() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let (serverSide, clientSide) = (Probe(), Probe())
            serverSide.closesAtEnd = false
            server.start(serverSide)
            client.start(clientSide)
            #expect(client.tryWrite([1, 2]) == 2)
            client.finishWriting()
            await serverSide.didReachEnd.wait()
            #expect(serverSide.received == [1, 2] && server.isOpen)
            server.startReading()  // Finds the end no second time.
            #expect(server.tryWrite([3]) == 1)
            await clientSide.didRead.wait()
            server.finishWriting()
            await clientSide.didEnd.wait()
            #expect(clientSide.received == [3])
            server.close()
            await serverSide.didEnd.wait()
            #expect(serverSide.ends == [.closed] && serverSide.reachedEnds == 1)
        }
    }

    @Test("finishing sends the end only after what waits")
    func finishAfterWriting() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let (serverSide, clientSide) = (Probe(), Probe())
            server.handler = serverSide
            let frame = SharedBytes([UInt8](repeating: 1, count: 1 << 20))
            let (sent, _) = server.fill(with: frame)
            server.write(frame, from: 10)
            server.finishWriting()
            client.start(clientSide)
            await clientSide.didEnd.wait()
            #expect(clientSide.received.count == sent + frame.count - 10)
            server.close()
        }
    }

    @Test("closing, resetting and letting go of everything within a callback is safe")
    func closeWithinCallbacks() async throws {
        try await onLoop { actor in
            for closes in [Stream.close, Stream.reset] {
                let (server, client) = try await pair(actor.loop)
                let probe = Probe()
                weak let handler: Probe? = probe
                probe.onRead = { stream in
                    closes(stream)()
                    closes(stream)()
                    stream.stopReading()
                    stream.finishWriting()
                    stream.startReading()
                    stream.write(SharedBytes([1]), from: 0)
                    #expect(stream.tryWrite([1]) < 0)
                    #expect(stream.peer == nil)
                }
                server.start(probe)
                #expect(client.tryWrite([UInt8](repeating: 0, count: 1000)) == 1000)
                await probe.didEnd.wait()
                #expect(probe.ends == [.closed] && probe.callsAfterEnd == 0)
                #expect(server.handler == nil && handler != nil)
                client.close()
            }
        }
    }

    @Test("keeps its handler while open, and lets go of it at its end")
    func handlerLifetime() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let ended = Event()
            final class Last: StreamHandler {
                let ended: Event
                init(_ ended: Event) { self.ended = ended }
                deinit { ended.signal() }
                func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) { stream.handler = nil }
                func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {}
            }
            server.start(Last(ended))
            client.start(Last(ended))
            _ = client.tryWrite([1])
            await ended.wait()  // Let go of within its own callback.
            server.close()
            await ended.wait()
        }
    }

    @Test("reads at most what was asked for at a time, and nothing while reading is stopped")
    func readSizes() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let probe = Probe()
            probe.onRead = { $0.stopReading() }
            server.handler = probe
            server.startReading(maxBytes: 100)
            #expect(client.tryWrite([UInt8](repeating: 7, count: 1000)) == 1000)
            await probe.didRead.wait()
            #expect(probe.received.count == 100)
            server.startReading(maxBytes: 16)
            await probe.didRead.wait()
            #expect(probe.received.count == 116)
            probe.onRead = { _ in }
            server.startReading(maxBytes: 1 << 30)
            server.startReading(maxBytes: 300)
            while probe.received.count < 1000 { await probe.didRead.wait() }
            #expect(probe.largestRead == 300)
        }
    }

    @Test("knows both addresses, and takes its options")
    func addressesAndOptions() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            #expect(server.peer == client.local && server.local == client.peer)
            #expect(server.peer?.host == "127.0.0.1")
            client.setNoDelay()
            client.setKeepAlive(idleSeconds: 10, intervalSeconds: 5, probes: 3)
            client.setUserTimeout(milliseconds: 4000)
            client.setReceiveBuffer(bytes: 8192)
        }
    }
}
