internal import Glibc
public import TLS

/// Why no TLS connection was made.
public enum SecureConnectError: Error, Hashable, Sendable {
    /// There was no connection, or it broke.
    case system(SystemError)
    /// There was one, and the other side is not who it should be, or speaks no TLS.
    case insecure(TLSError)
}

extension Stream {
    /// Connects as ``connect(loop:to:timeoutMilliseconds:completion:)`` does and then agrees on TLS, both within the time.
    ///
    /// - Parameters:
    ///   - host: what the server's certificate must be for; nil where only its authority counts.
    ///   - completion: called exactly once, on the loop; where it is given a stream, it sets its handler and begins to read.
    public static func connectSecurely(
        loop: EventLoop, to endpoint: Endpoint, context: TLSContext, host: String?, timeoutMilliseconds: UInt64,
        completion: @escaping (Result<Stream, SecureConnectError>) -> Void
    ) {
        let deadline = loop.now + timeoutMilliseconds
        connect(loop: loop, to: endpoint, timeoutMilliseconds: timeoutMilliseconds) { result in
            switch result {
            case .failure(let error): completion(.failure(.system(error)))
            case .success(let stream):
                let left = deadline > loop.now ? deadline - loop.now : 0
                SecureConnectAttempt(completion).begin(on: stream, context, host, withinMilliseconds: left)
            }
        }
    }
}

/// The handshake of a client, from the connected stream to the open one. The stream keeps it as its handler.
private final class SecureConnectAttempt: StreamHandler {
    private var completion: ((Result<Stream, SecureConnectError>) -> Void)?
    private var timer: Timer?

    init(_ completion: @escaping (Result<Stream, SecureConnectError>) -> Void) { self.completion = completion }

    func begin(on stream: Stream, _ context: TLSContext, _ host: String?, withinMilliseconds time: UInt64) {
        let connection: TLSConnection
        do throws(TLSError) {
            connection = try TLSConnection(client: context, host: host)
        } catch {
            stream.close()
            return finish(.failure(.insecure(error)))
        }
        stream.handler = self
        timer = stream.loop.schedule(after: time) { [self] in
            finish(.failure(.system(SystemError(.connect, code: ETIMEDOUT))))
            stream.close()
        }
        stream.secure(with: connection) { [unowned self, unowned stream] in
            stream.stopReading()
            finish(.success(stream))
        }
        stream.startReading()
    }

    private func finish(_ result: Result<Stream, SecureConnectError>) {
        timer?.cancel()
        timer = nil
        completion.take()?(result)
    }

    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {}

    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {
        if let error = stream.securityError { return finish(.failure(.insecure(error))) }
        switch reason {
        case .failed(let error): finish(.failure(.system(error)))
        case .endOfStream, .closed:
            finish(.failure(.insecure(.failed("the connection ended in the middle of the handshake"))))
        }
    }
}
