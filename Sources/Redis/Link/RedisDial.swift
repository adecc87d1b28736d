import RESP

internal import EventLoop
internal import TLS

/// One attempt to open a link's stream, with TLS where the endpoint has it.
final class RedisDial {
    private enum Attempt {
        case plain(ConnectAttempt)
        case secure(SecureConnectAttempt)
    }

    private var attempt: Attempt?
    private var completion: ((Result<Stream, RedisFailure>) -> Void)?

    /// Starts the attempt; calls `completion` once on the loop, unless the owner cancels the attempt.
    init(
        _ endpoint: RedisEndpoint, loop: EventLoop, timeoutMilliseconds: UInt64,
        completion: @escaping (Result<Stream, RedisFailure>) -> Void
    ) {
        self.completion = completion
        do throws(RedisFailure) {
            if let tls = endpoint.tls {
                dial(endpoint.address, loop, timeoutMilliseconds, try tls.context())
            } else {
                dial(endpoint.address, loop, timeoutMilliseconds)
            }
        } catch {
            // Like any other failure, not within this call.
            loop.schedule(after: 0) { [weak self] in Self.finish(self, .failure(error)) }
        }
    }

    /// Cancels the attempt, without a call of `completion`.
    func cancel() {
        completion = nil
        switch attempt.take() {
        case .plain(let attempt): attempt.cancel()
        case .secure(let attempt): attempt.cancel()
        case nil: break
        }
    }

    private func dial(_ address: RedisEndpoint.Address, _ loop: EventLoop, _ milliseconds: UInt64) {
        let connecting = Stream.connect(loop: loop, to: address.endpoint, timeoutMilliseconds: milliseconds) {
            [weak self] result in
            Self.finish(self, result.mapError(RedisFailure.init))
        }
        attempt = .plain(connecting)
    }

    private func dial(
        _ address: RedisEndpoint.Address, _ loop: EventLoop, _ milliseconds: UInt64, _ context: TLSContext
    ) {
        let connecting = Stream.connectSecurely(
            loop: loop, to: address.endpoint, context: context, host: address.host, timeoutMilliseconds: milliseconds
        ) { [weak self] result in
            Self.finish(self, result.mapError { RedisFailure($0, of: address, milliseconds) })
        }
        attempt = .secure(connecting)
    }

    /// Calls `completion`, or closes the stream if the attempt was cancelled.
    private static func finish(_ dial: RedisDial?, _ result: Result<Stream, RedisFailure>) {
        if let completion = dial?.completion.take() { return completion(result) }
        if case .success(let stream) = result { stream.close() }
    }
}
