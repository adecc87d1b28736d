internal import CCurl

/// A request by the command to a node: over HTTP or HTTPS, through the proxy in the environment.
public struct NodeRequest: Sendable {
    /// Scheme, host, path, query.
    public var url: String
    /// One `Name: value` each.
    public var headers: [String]
    /// The body of a POST; nil for GET.
    public var body: [UInt8]?
    /// A PEM file with the authorities that are believed; nil for the system's.
    public var authorities: String?

    /// A request with all its parts.
    public init(url: String, headers: [String], body: [UInt8]? = nil, authorities: String? = nil) {
        self.url = url
        self.headers = headers
        self.body = body
        self.authorities = authorities
    }
}

/// Why a request to a node failed.
public struct NodeFailure: Error, Equatable, Sendable {
    /// The reason, with host and port.
    public let reason: String
    /// The host's name is unknown, or its certificate is not trusted: unlike a node that is only away.
    public let isLikelyToStay: Bool
}

/// A curl handle for a ``NodeRequest``, with the memory that it needs.
final class NodeHandle {
    let handle: UnsafeMutableRawPointer
    private let headers: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>

    /// Milliseconds to connect.
    private static let connectMilliseconds = 10_000

    /// Traps where there is no memory.
    init(_ request: NodeRequest) {
        guard let handle = curl_easy_init() else { fatalError("NodeHandle: curl_easy_init failed") }
        self.handle = handle
        headers = request.headers.reduce(nil) { curl_slist_append($0, $1) }
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_USERAGENT, "fantail")
        // A redirect would send the token to another host.
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_CONNECTTIMEOUT_MS, Self.connectMilliseconds)
        if let authorities = request.authorities { set(CURLOPT_CAINFO, authorities) }
        _ = fantail_curl_set_headers(handle, headers)
        _ = fantail_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
        guard let body = request.body else { return }
        set(CURLOPT_POSTFIELDSIZE, body.count)
        _ = body.withUnsafeBytes { fantail_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
        errorText.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) { _ = fantail_curl_set_number(handle, option, value) }
    func set(_ option: CURLoption, _ value: String) { _ = fantail_curl_set_text(handle, option, value) }
    func setWriter(_ writer: @escaping fantail_curl_writer, _ context: UnsafeMutableRawPointer) {
        _ = fantail_curl_set_writer(handle, writer, context)
    }

    var status: Int { fantail_curl_status(handle) }
    var contentType: String { fantail_curl_content_type(handle).map { String(cString: $0) } ?? "" }

    /// The meaning of `code`, in curl's own words where it has some.
    func failure(_ code: CURLcode) -> NodeFailure {
        let words = String(cString: errorText)
        return NodeFailure(
            reason: words.isEmpty ? String(cString: curl_easy_strerror(code)) : words,
            isLikelyToStay: code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_PEER_FAILED_VERIFICATION
                || code == CURLE_SSL_CACERT_BADFILE
                || code == CURLE_URL_MALFORMAT)
    }
}
