internal import CCurl

extension NodeRequest {
    /// Sends the request and waits for the response: its status, and at most 64 KiB of its body.
    public func send(timeoutMilliseconds: Int) throws(NodeFailure) -> (status: Int, body: [UInt8]) {
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        let handle = NodeHandle(self)
        let answer = AnswerBody()
        handle.set(CURLOPT_TIMEOUT_MS, timeoutMilliseconds)
        // libcurl-thread(3): signals are not safe with threads.
        handle.set(CURLOPT_NOSIGNAL, 1)
        handle.setWriter(AnswerBody.write, Unmanaged.passUnretained(answer).toOpaque())
        let code = withExtendedLifetime(answer) { curl_easy_perform(handle.handle) }
        guard code == CURLE_OK else { throw handle.failure(code) }
        return (handle.status, answer.bytes)
    }
}

/// The body of a response, up to its bound.
private final class AnswerBody {
    private static let maxBytes = 64 * 1024
    private(set) var bytes: [UInt8] = []

    static let write: fantail_curl_writer = { bytes, size, count, context in
        let body = Unmanaged<AnswerBody>.fromOpaque(context!).takeUnretainedValue()
        let room = maxBytes - body.bytes.count
        body.bytes += UnsafeRawBufferPointer(start: bytes, count: size * count).prefix(room)
        return size * count
    }
}
