import Base
internal import CLibuv
internal import Glibc

/// A connection being made. Loop-confined; the loop keeps it until its completion has been called.
public final class ConnectAttempt {
    /// What comes of an attempt.
    public typealias Completion = (Result<Stream, SystemError>) -> Void

    private let loop: EventLoop
    private let timeoutMilliseconds: UInt64
    private var deadline: UInt64 = 0
    private var completion: Completion?
    /// Addresses still to be tried, the next one last.
    private var addresses: [SocketAddress] = []
    private var current: Stream?
    private var timer: Timer?
    private var lastError = SystemError(.connect, code: ETIMEDOUT)

    fileprivate init(loop: EventLoop, timeoutMilliseconds: UInt64, completion: @escaping Completion) {
        self.loop = loop
        self.timeoutMilliseconds = timeoutMilliseconds
        self.completion = completion
    }

    /// Gives up; the completion is called with `ECANCELED`, later in this turn. Nothing happens where it has been called.
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

    /// Each address gets its share of the time that is left, so that one that swallows packets leaves some to the others.
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
        // A socket whose own port the system picked can be connected to itself, when nobody listens on a port out of
        // the range it picks from. Somebody who connects again and again will meet this.
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

    /// Ends everything under way; the completion is whose who calls this first.
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
    /// `completion` is called exactly once, on the loop, never within this call: with a stream that is not being read
    /// yet and has no handler, or with why there is none (refused, `ETIMEDOUT` after `timeoutMilliseconds` for all of
    /// it, no such name, `ECANCELED`); of several addresses the last one's error. Loop only.
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

    /// Answers an error where libuv refuses at once; else `completion` is called, also when the stream is closed first.
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
