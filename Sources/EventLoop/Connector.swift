internal import CLibuv
internal import Glibc

extension Stream {
    /// Connects to `endpoint`. A name is looked up off the loop, and each of its addresses is tried in turn.
    ///
    /// `completion` is called exactly once, on the loop, never inside this call: with a connected stream, or with the last
    /// address's error (ETIMEDOUT where `timeout` milliseconds have passed).
    public static func connect(
        loop: EventLoop, to endpoint: Endpoint, timeout: UInt64,
        _ completion: @escaping (Result<Stream, SystemError>) -> Void
    ) {
        Connector(loop: loop, endpoint: endpoint, completion: completion).start(timeout: timeout)
    }
}

/// One attempt to connect, from the name to the stream. Keeps itself alive until it has completed.
private final class Connector {
    private let loop: EventLoop
    private let endpoint: Endpoint
    private var completion: ((Result<Stream, SystemError>) -> Void)?
    private var addresses: [RawAddress] = []
    private var attempt: Stream?
    private var deadline: Timer?
    private var lastError = SystemError(SystemError.timedOut, "connect")

    init(loop: EventLoop, endpoint: Endpoint, completion: @escaping (Result<Stream, SystemError>) -> Void) {
        self.loop = loop
        self.endpoint = endpoint
        self.completion = completion
    }

    func start(timeout: UInt64) {
        deadline = loop.schedule(after: timeout) { self.finish(.failure(SystemError(SystemError.timedOut, "connect"))) }
        switch endpoint {
        case .tcp(let host, let port): resolve(host, port)
        case .unix(let path): connectUnix(path)
        }
    }

    private func finish(_ result: Result<Stream, SystemError>) {
        guard let completion else { return }
        self.completion = nil
        deadline?.cancel()
        if case .failure = result { attempt?.close() }
        attempt = nil
        completion(result)
    }

    /// Fails on the next turn, so that a completion never runs inside `connect`.
    private func fail(_ error: SystemError) {
        loop.schedule(after: 0) { self.finish(.failure(error)) }
    }

    // MARK: Names

    private func resolve(_ host: String, _ port: UInt16) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let status = uv_getaddrinfo(
            loop.uv, request,
            { request, status, list in
                let connector = Unmanaged<Connector>.fromOpaque(request!.pointee.data).takeRetainedValue()
                request!.deallocate()
                connector.didResolve(status, RawAddress.all(list))
                uv_freeaddrinfo(list)
            }, host, String(port), &hints)
        guard status < 0 else { return }
        Unmanaged<Connector>.fromOpaque(request.pointee.data).release()
        request.deallocate()
        fail(SystemError(status, "resolve \(host)"))
    }

    private func didResolve(_ status: Int32, _ found: [RawAddress]) {
        guard status == 0, !found.isEmpty else {
            return finish(.failure(SystemError(status == 0 ? UV_EAI_NONAME.rawValue : status, "resolve")))
        }
        addresses = found.reversed()
        tryNext()
    }

    // MARK: Addresses

    private func tryNext() {
        guard completion != nil else { return }
        guard let address = addresses.popLast() else { return finish(.failure(lastError)) }
        do {
            let stream = try Stream(loop: loop, isUnix: false)
            attempt = stream
            let request = makeRequest()
            let status = address.withSockaddr { uv_tcp_connect(request, stream.tcp, $0, Connector.didConnect) }
            guard status < 0 else { return }
            Connector.didConnect(request, status)
        } catch {
            finish(.failure(error))
        }
    }

    private func connectUnix(_ path: String) {
        do {
            let stream = try Stream(loop: loop, isUnix: true)
            attempt = stream
            uv_pipe_connect(
                makeRequest(), stream.memory.assumingMemoryBound(to: uv_pipe_t.self), path, Connector.didConnect)
        } catch {
            fail(error)
        }
    }

    private func makeRequest() -> UnsafeMutablePointer<uv_connect_t> {
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        return request
    }

    private static let didConnect: @convention(c) (UnsafeMutablePointer<uv_connect_t>?, Int32) -> Void = {
        let connector = Unmanaged<Connector>.fromOpaque($0!.pointee.data).takeRetainedValue()
        $0!.deallocate()
        connector.didAttempt($1)
    }

    private func didAttempt(_ status: Int32) {
        // Closed by the deadline meanwhile: libuv reports ECANCELED, and everything has been said.
        guard completion != nil, let stream = attempt else { return }
        guard status < 0 else {
            stream.setNoDelay()
            return finish(.success(stream))
        }
        lastError = SystemError(status, "connect")
        attempt = nil
        stream.close()
        tryNext()
    }
}
