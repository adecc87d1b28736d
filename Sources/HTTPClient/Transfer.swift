internal import CCurl

/// One request and the part of its response received so far. The client's thread owns it once it was handed over.
final class Transfer {
    private let limits: UpstreamLimits
    private let completion: @Sendable (UpstreamOutcome) -> Void
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var body: [UInt8] = []
    private var isTooLong = false
    let handle: UnsafeMutableRawPointer

    /// A transfer ready to be added to a multi handle; nil when curl rejects the request.
    init?(_ request: UpstreamRequest, limits: UpstreamLimits, checksCertificates: Bool) {
        guard let handle = curl_easy_init() else { return nil }
        self.handle = handle
        self.limits = limits
        completion = request.completion
        guard configure(request), checksCertificates || believeAnybody() else { return nil }
    }

    private func believeAnybody() -> Bool {
        [CURLOPT_SSL_VERIFYPEER, CURLOPT_SSL_VERIFYHOST].allSatisfy {
            fantail_curl_set_number(handle, $0, 0) == CURLE_OK
        }
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
    }

    private func configure(_ request: UpstreamRequest) -> Bool {
        headers = curl_slist_append(nil, "Authorization: " + request.authorization)
        let texts: [(CURLoption, String)] = [
            (CURLOPT_URL, request.url),
            (CURLOPT_PROTOCOLS_STR, "http,https"),
            // A proxy in the environment is no `--upstream`.
            (CURLOPT_PROXY, ""),
            (CURLOPT_USERAGENT, "fantail"),
        ]
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_FOLLOWLOCATION, 0),
            // curl must not change the path: one segment stays one segment.
            (CURLOPT_PATH_AS_IS, 1),
            (CURLOPT_TIMEOUT_MS, limits.timeoutMilliseconds),
            // libcurl-thread(3): signals are not safe with threads.
            (CURLOPT_NOSIGNAL, 1),
        ]
        return headers != nil
            && texts.allSatisfy { fantail_curl_set_text(handle, $0.0, $0.1) == CURLE_OK }
            && numbers.allSatisfy { fantail_curl_set_number(handle, $0.0, $0.1) == CURLE_OK }
            && fantail_curl_set_headers(handle, headers) == CURLE_OK
            && fantail_curl_set_writer(handle, Self.write, Unmanaged.passUnretained(self).toOpaque()) == CURLE_OK
    }

    private static let write: fantail_curl_writer = { bytes, size, count, context in
        let transfer = Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
        return transfer.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }

    /// Keeps received bytes; a return value other than their length ends the transfer (CURLOPT_WRITEFUNCTION(3)).
    private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard body.count + bytes.count <= limits.answerBytes else {
            isTooLong = true
            return 0
        }
        body += bytes
        return bytes.count
    }

    /// The transfer has ended with `code`.
    func finish(_ code: CURLcode) {
        if code == CURLE_OK {
            completion(.answered(status: fantail_curl_status(handle), body: body))
        } else if isTooLong {
            completion(.failed(reason: "the answer has more than \(limits.answerBytes) bytes"))
        } else {
            completion(.failed(reason: String(cString: curl_easy_strerror(code))))
        }
    }

    /// Abandons the transfer.
    func abandon() { completion(.failed(reason: "the node is stopping")) }
}
