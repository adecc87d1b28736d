internal import Base
internal import CLibuv
internal import Glibc
internal import TLS

/// The TLS of one stream: it decrypts the bytes that the stream reads and encrypts the bytes that it writes.
///
/// The kernel's room is unknown before encryption, and encrypted bytes cannot go back. So a write encrypts at most
/// ``mostAtOnce``; bytes that the kernel does not take wait here, and until they are gone the stream takes no more.
final class StreamSecurity {
    /// Plain bytes that one ``tryWrite(_:on:)`` takes: the least that the kernel holds for a viewer that reads nothing.
    static let mostAtOnce = 128 * 1024

    /// Encrypted bytes that may wait as answers to a peer that demands them (RFC 8446 4.6.3) and reads none.
    static let mostAnswerBytes = 16 * 1024

    private(set) var error: TLSError?
    private let connection: TLSConnection
    private var whenOpen: (() -> Void)?
    /// Encrypted bytes that wait until libuv has written the bytes before.
    private var waiting: [UInt8] = []
    /// Encrypted bytes that libuv is writing.
    private var queuedBytes = 0
    private var hasSaidGoodbye = false
    /// The part of the waiting bytes that the peer has demanded.
    private var answerBytes = 0

    init(_ connection: TLSConnection, whenOpen: (() -> Void)?) {
        self.connection = connection
        self.whenOpen = whenOpen
    }

    /// Whether the connection stands, and nothing waits for the peer.
    var isIdle: Bool { connection.isOpen && error == nil && waiting.isEmpty && queuedBytes == 0 }

    var terms: (version: String, peerExpiry: Int) { (connection.version, connection.peerExpiry) }

    // MARK: Reading

    func receive(_ bytes: UnsafeMutableRawBufferPointer, on stream: Stream) {
        // After a plain request the stream still reads, and drops the bytes.
        guard error == nil else { return }
        do throws(TLSError) {
            try connection.receive(UnsafeRawBufferPointer(bytes), into: stream.loop.records.plain) { event in
                switch event {
                case .open: whenOpen.take()?()
                case .plain(let bytes): stream.handler?.streamDidRead(stream, bytes)
                case .end: stream.didReachEnd()
                }
                return stream.isOpen
            }
        } catch {
            return fail(error, on: stream)
        }
        let isBehind = stream.hasPendingWrite
        let waitingBefore = waiting.count
        flush(on: stream)
        if isBehind { answerBytes += waiting.count - waitingBefore }
        if answerBytes > Self.mostAnswerBytes {
            fail(.failed("it requests answers and does not read them"), on: stream)
        }
    }

    /// Tells the peer the error, as far as TLS has an alert for it, and ends the stream.
    private func fail(_ error: TLSError, on stream: Stream) {
        self.error = error
        flush(on: stream)
        if error == .plainHTTP { return sayInPlainWords(on: stream) }
        end(stream)
    }

    private func end(_ stream: Stream) { stream.end(.failed(SystemError(.secure, code: EPROTO))) }

    /// The peer sends no more. Returns whether this ended the stream.
    func didReachEnd(on stream: Stream) -> Bool {
        guard error != nil else { return false }
        end(stream)
        return true
    }

    /// A browser or a tool with an `http://` URL shows this to its user. The stream ends when the peer ends it: a
    /// reset, because of unread bytes of a request's body, would overtake the answer. The handler bounds the wait.
    private func sayInPlainWords(on stream: Stream) {
        let body = "This port speaks TLS: use https:// or wss://.\n"
        let answer = Array(
            """
            HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n\
            Connection: close\r\n\r\n\(body)
            """.utf8)
        _ = answer.withUnsafeBytes { stream.sendNow($0) }
        stream.finishWriting()
    }

    // MARK: Writing

    func tryWrite(_ vector: UnsafeBufferPointer<iovec>, on stream: Stream) -> Int {
        guard connection.isOpen, error == nil else { return Int(-EPIPE) }
        guard !stream.hasPendingWrite else { return 0 }
        var taken = 0
        do throws(TLSError) {
            taken = try encrypt(vector, stream.loop.records.gathered)
        } catch {
            self.error = error
            return Int(-EPIPE)
        }
        return flush(on: stream) ? taken : Int(-EPIPE)
    }

    /// Encrypts frames, several small ones to a record. Returns the number of bytes that it took.
    private func encrypt(
        _ vector: UnsafeBufferPointer<iovec>, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(TLSError) -> Int {
        var (taken, gathered) = (0, 0)
        for part in vector where part.iov_len > 0 {
            let bytes = UnsafeRawBufferPointer(start: part.iov_base, count: min(part.iov_len, Self.mostAtOnce - taken))
            if gathered + bytes.count > buffer.count {
                try send(buffer, gathered)
                gathered = 0
            }
            if bytes.count > buffer.count {
                try connection.send(bytes)
            } else {
                UnsafeMutableRawBufferPointer(rebasing: buffer[gathered...]).copyMemory(from: bytes)
                gathered += bytes.count
            }
            taken += bytes.count
            guard bytes.count == part.iov_len, taken < Self.mostAtOnce else { break }
        }
        try send(buffer, gathered)
        return taken
    }

    private func send(_ buffer: UnsafeMutableRawBufferPointer, _ count: Int) throws(TLSError) {
        guard count > 0 else { return }
        try connection.send(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    /// Writes the rest of a frame of which ``tryWrite(_:on:)`` took a part, or nothing.
    func write(_ bytes: SharedBytes, from offset: Int, on stream: Stream) {
        guard stream.isOpen else { return }
        let rest = UnsafeRawBufferPointer(start: bytes.baseAddress + offset, count: bytes.count - offset)
        do throws(TLSError) {
            guard connection.isOpen else { throw .failed("nothing can be written before the handshake is over") }
            try connection.send(rest)
        } catch {
            return fail(error, on: stream)
        }
        flush(on: stream)
        // The caller waits for the drain event, even where the kernel has taken the bytes at once.
        if !stream.hasPendingWrite { stream.loop.runLater { [weak stream] in stream.map(self.didWrite) } }
    }

    /// Gives the kernel the encrypted bytes; queues the rest until it has room. False where the stream is broken.
    @discardableResult
    func flush(on stream: Stream) -> Bool {
        var isWhole = true
        connection.takeOutput { bytes in
            if stream.hasPendingWrite {
                waiting += bytes
                return
            }
            let sent = stream.sendNow(bytes)
            guard sent >= 0 else {
                isWhole = false
                return
            }
            if sent < bytes.count { queue(Array(bytes[sent...]), on: stream) }
        }
        return isWhole
    }

    private func queue(_ bytes: [UInt8], on stream: Stream) {
        queuedBytes = bytes.count
        stream.queue(SharedBytes(bytes), from: 0)
    }

    /// Encrypted bytes that the kernel has yet to take.
    var bytesBehind: Int { queuedBytes + waiting.count }

    /// libuv has written the waiting bytes.
    func didWrite(on stream: Stream) {
        guard stream.isOpen, !stream.hasPendingWrite else { return }
        (answerBytes, queuedBytes) = (0, 0)
        if waiting.isEmpty {
            stream.handler?.streamDidDrain(stream)
        } else {
            queue(waiting, on: stream)
            waiting = []
        }
    }

    /// Sends close_notify, as far as the kernel has room now: without it the peer must assume a cut connection.
    func sayGoodbye(on stream: Stream) {
        guard stream.isOpen, !hasSaidGoodbye else { return }
        hasSaidGoodbye = true
        connection.finish()
        flush(on: stream)
    }
}

extension Stream {
    /// Gives the kernel bytes unencrypted. Returns their number, 0 for no room, or a negative `errno`.
    func sendNow(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard isOpen, bytes.count > 0 else { return 0 }
        return withUnsafePointer(
            to: iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
        ) { send($0, count: 1) }
    }
}
