internal import Glibc
public import TLS

/// Why a TLS connection failed.
public enum SecureConnectError: Error, Hashable, Sendable {
    /// The connection failed or broke.
    case system(SystemError)
    /// The connection stood, but the server's certificate is wrong, or the server speaks no TLS.
    case insecure(TLSError)
    /// The connection ended during the handshake.
    case ended
    /// The handshake took too long.
    case silent

    /// The cause in one line.
    public var message: String {
        switch self {
        case .system(let error): error.message
        case .insecure(let error): error.message
        case .ended: "the server closed the connection during the TLS handshake"
        case .silent: "the server did not answer the TLS handshake in time"
        }
    }
}

extension Stream {
    /// Connects as ``connect(loop:to:timeoutMilliseconds:completion:)`` does, and does the handshake, in the same time.
    ///
    /// - Parameters:
    ///   - host: the name that the server's certificate must contain; nil where only its authority counts.
    ///   - completion: called exactly once, on the loop; with a stream, it sets the handler and starts to read.
    @discardableResult
    public static func connectSecurely(
        loop: EventLoop, to endpoint: Endpoint, context: TLSContext, host: String?, timeoutMilliseconds: UInt64,
        completion: @escaping (Result<Stream, SecureConnectError>) -> Void
    ) -> SecureConnectAttempt {
        let attempt = SecureConnectAttempt(deadline: loop.now + timeoutMilliseconds, completion)
        attempt.connecting = connect(loop: loop, to: endpoint, timeoutMilliseconds: timeoutMilliseconds) { result in
            switch result {
            case .failure(let error): attempt.finish(.failure(.system(error)))
            case .success(let stream): attempt.begin(on: stream, context, host)
            }
        }
        return attempt
    }
}

/// A TLS connection attempt, up to the end of the handshake. Loop-confined; the connect attempt, and then the stream,
/// whose handler it is, keep it alive.
public final class SecureConnectAttempt: StreamHandler {
    private let deadline: UInt64
    private var completion: ((Result<Stream, SecureConnectError>) -> Void)?
    fileprivate var connecting: ConnectAttempt?
    private var stream: Stream?
    private var timer: Timer?

    fileprivate init(deadline: UInt64, _ completion: @escaping (Result<Stream, SecureConnectError>) -> Void) {
        self.deadline = deadline
        self.completion = completion
    }

    /// Cancels the attempt; calls the completion with `ECANCELED`, later in this turn. No effect after the completion.
    public func cancel() {
        connecting?.cancel()
        guard let stream, let completion = completion.take() else { return }
        stream.loop.runLater { completion(.failure(.system(SystemError(.connect, code: ECANCELED)))) }
        end()
        stream.close()
    }

    fileprivate func begin(on stream: Stream, _ context: TLSContext, _ host: String?) {
        connecting = nil
        let connection: TLSConnection
        do throws(TLSError) {
            connection = try TLSConnection(client: context, host: host)
        } catch {
            stream.close()
            return finish(.failure(.insecure(error)))
        }
        self.stream = stream
        stream.handler = self
        let now = stream.loop.now
        timer = stream.loop.schedule(after: deadline > now ? deadline - now : 0) { [self] in
            finish(.failure(.silent))
            stream.close()
        }
        stream.secure(with: connection) { [unowned self, unowned stream] in
            stream.stopReading()
            finish(.success(stream))
        }
        stream.startReading()
    }

    fileprivate func finish(_ result: Result<Stream, SecureConnectError>) {
        end()
        completion.take()?(result)
    }

    private func end() {
        timer?.cancel()
        (timer, stream, connecting) = (nil, nil, nil)
    }

    /// No plain bytes come before the handshake is over, and then the stream has another handler.
    public func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {}

    /// The peer has gone, or its certificate is wrong.
    public func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {
        if let error = stream.securityError { return finish(.failure(.insecure(error))) }
        switch reason {
        case .failed(let error): finish(.failure(.system(error)))
        case .endOfStream, .closed: finish(.failure(.ended))
        }
    }
}

@available(*, unavailable)
extension SecureConnectAttempt: Sendable {}
