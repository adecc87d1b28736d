import Base
internal import CLibuv
internal import Glibc

/// A connection attempt. Loop-confined; the loop keeps it until it calls its completion.
public final class ConnectAttempt {
    /// The result of an attempt.
    public typealias Completion = (Result<Stream, SystemError>) -> Void

    private let loop: EventLoop
    private let timeoutMilliseconds: UInt64
    private var deadline: UInt64 = 0
    private var completion: Completion?
    /// The addresses left to try, the next one last.
    private var addresses: [SocketAddress] = []
    private var current: Stream?
    private var timer: Timer?
    private var lastError = SystemError(.connect, code: ETIMEDOUT)

    fileprivate init(loop: EventLoop, timeoutMilliseconds: UInt64, completion: @escaping Completion) {
        self.loop = loop
        self.timeoutMilliseconds = timeoutMilliseconds
        self.completion = completion
    }

    /// Cancels the attempt; calls the completion with `ECANCELED`, later in this turn. No effect after the completion.
    public func cancel() {
        guard let completion = detach() else { return }
        loop.runLater { completion(.failure(SystemError(.connect, code: ECANCELED))) }
    }

    fileprivate func begin(_ endpoint: Endpoint) {
        guard completion != nil else { return }
        deadline = loop.now + timeoutMilliseconds
        switch endpoint {
        case .unix(let path):
            connect(to: [.unix(path: path)])
        case .tcp(let host, let port):
            if let address = SocketAddress(literal: host, port: port) { return connect(to: [address]) }
            let expiry: () -> Void = { [self] in finish(.failure(SystemError(.lookUp, code: ETIMEDOUT))) }
            timer = loop.schedule(after: timeoutMilliseconds, expiry)
            loop.lookUp(host: host, port: port) { [self] result in
                switch result {
                case .success(let addresses): connect(to: addresses)
                case .failure(let error): finish(.failure(error))
                }
            }
        }
    }

    private func connect(to addresses: [SocketAddress]) {
        guard completion != nil else { return }
        self.addresses = addresses.reversed()
        tryNextAddress()
    }

    /// Each address gets its share of the time left, so that an address that drops packets leaves time to the others.
    private func tryNextAddress() {
        timer?.cancel()
        let remaining = deadline > loop.now ? deadline - loop.now : 0
        let share = remaining / UInt64(max(addresses.count, 1))
        guard let address = addresses.popLast() else { return finish(.failure(lastError)) }
        let stream = Stream(loop: loop, isTCP: address.port != nil)
        current = stream
        timer = loop.schedule(after: share) { [self] in
            didFail(stream, SystemError(.connect, code: ETIMEDOUT))
        }
        let code = stream.connect(to: address) { [self] code in
            if code == 0 { didConnect(stream) } else { didFail(stream, SystemError(.connect, code: code)) }
        }
        if code != 0 { didFail(stream, SystemError(.connect, code: code)) }
    }

    private func didConnect(_ stream: Stream) {
        guard stream === current else { return }
        stream.didOpen()
        // Where no process listens on a port in the range of system-chosen ports, a socket can connect to itself. A
        // client that reconnects again and again will meet this.
        if stream.isTCP, stream.peer == stream.local {
            return didFail(stream, SystemError(.connect, code: ECONNREFUSED))
        }
        current = nil
        stream.setNoDelay()
        finish(.success(stream))
    }

    private func didFail(_ stream: Stream, _ error: SystemError) {
        guard stream === current else { return }
        current = nil
        lastError = error
        stream.close()
        tryNextAddress()
    }

    private func finish(_ result: Result<Stream, SystemError>) {
        detach()?(result)
    }

    /// Ends the attempt; only the first caller gets the completion.
    private func detach() -> Completion? {
        timer?.cancel()
        timer = nil
        current?.close()
        current = nil
        loop.connectAttempts[ObjectIdentifier(self)] = nil
        return completion.take()
    }
}

@available(*, unavailable)
extension ConnectAttempt: Sendable {}

extension Stream {
    /// Connects to a host by name or address, each of its addresses in turn, or to a unix socket.
    ///
    /// `completion` is called exactly once, on the loop, never within this call: with a stream that does not read yet
    /// and has no handler, or with an error (refused, `ETIMEDOUT` after `timeoutMilliseconds` for the whole attempt, no
    /// such name, `ECANCELED`); of several addresses the last one's error. Loop only.
    @discardableResult
    public static func connect(
        loop: EventLoop, to endpoint: Endpoint, timeoutMilliseconds: UInt64,
        completion: @escaping ConnectAttempt.Completion
    ) -> ConnectAttempt {
        let attempt = ConnectAttempt(loop: loop, timeoutMilliseconds: timeoutMilliseconds, completion: completion)
        loop.connectAttempts[ObjectIdentifier(attempt)] = attempt
        loop.runLater { attempt.begin(endpoint) }
        if loop.isStopping { attempt.cancel() }
        return attempt
    }

    /// Returns an error where libuv refuses at once; else calls `completion`, even when the stream is closed first.
    fileprivate func connect(to address: SocketAddress, completion: @escaping (Int32) -> Void) -> Int32 {
        guard let memory, let raw = RawSocketAddress(address) else { return -ENAMETOOLONG }
        let request = ConnectRequest(completion)
        let pointer = request.retainedPointer()
        let callback: uv_connect_cb = { pointer, code in ConnectRequest.taken(from: pointer!).context(code) }
        if case .unix(let path) = address {
            uv_pipe_connect(pointer, memory.pipe, path, callback)
            return 0
        }
        let code = raw.withPointer { address, _ in uv_tcp_connect(pointer, memory.tcp, address, callback) }
        if code != 0 { request.abandon() }
        return code
    }

    private typealias ConnectRequest = LoopRequest<uv_connect_t, (Int32) -> Void>
}
