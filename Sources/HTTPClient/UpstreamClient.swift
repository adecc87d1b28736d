internal import CCurl
internal import Glibc
internal import Threads

/// A request on its way to the client's thread.
struct UpstreamRequest: Sendable {
    let url: String
    let authorization: String
    let completion: @Sendable (UpstreamOutcome) -> Void
}

/// Asks third parties over HTTP and HTTPS with libcurl, all requests on one separate thread: a loop never waits.
///
/// Each request has one outcome, reported on the client's thread. Redirects are not followed, certificates are checked
/// against the system's list, no proxy is used.
public final class UpstreamClient: Sendable {
    private struct State {
        var arrivals: [UpstreamRequest] = []
        /// Requests without an outcome, with those in `arrivals`.
        var pending = 0
        var isClosed = false
        var thread: pthread_t?
    }

    /// The thread's longest sleep, in milliseconds: it is woken for new requests.
    private static let idleMilliseconds: Int32 = 60_000

    private let limits: UpstreamLimits
    private let checksCertificates: Bool
    private let state = Locked(State())
    // Only the thread uses it, except for curl_multi_wakeup, which any thread may call (libcurl-thread(3)).
    private nonisolated(unsafe) let multi: UnsafeMutableRawPointer

    /// A client whose thread runs until ``close()``. Traps where the process has no memory or can start no thread.
    ///
    /// - Parameter checksCertificates: false only for who sends nothing that a stranger may not read, and believes nothing.
    public init(limits: UpstreamLimits = UpstreamLimits(), checksCertificates: Bool = true) {
        self.limits = limits
        self.checksCertificates = checksCertificates
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        guard let multi = curl_multi_init() else { fatalError("UpstreamClient: curl_multi_init failed") }
        self.multi = multi
        _ = fantail_curl_multi_set_number(multi, CURLMOPT_MAXCONNECTS, limits.idleConnections)
        let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            Unmanaged<UpstreamClient>.fromOpaque(context!).takeRetainedValue().run()
            return nil
        }
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, main, Unmanaged.passRetained(self).toOpaque())
        guard code == 0 else { fatalError("UpstreamClient: pthread_create failed with \(code)") }
        let started = thread
        state.withLock { $0.thread = started }
    }

    deinit { curl_multi_cleanup(multi) }

    /// Requests `url`, with the header `Authorization: authorization`. From any thread.
    ///
    /// - Parameter completion: called with the outcome: on the client's thread, or within this call where the request
    /// is refused.
    public func get(
        _ url: String, authorization: String, _ completion: @escaping @Sendable (UpstreamOutcome) -> Void
    ) {
        let request = UpstreamRequest(url: url, authorization: authorization, completion: completion)
        let refusal: String? = state.withLock { state in
            if state.isClosed { return "the node is stopping" }
            guard state.pending < limits.transfers else { return "too many requests are in progress" }
            state.pending += 1
            state.arrivals.append(request)
            return nil
        }
        if let refusal { completion(.failed(reason: refusal)) } else { curl_multi_wakeup(multi) }
    }

    /// Abandons all requests, and waits for the thread's end. May be called more than once.
    public func close() {
        let thread = state.withLock { state in
            state.isClosed = true
            return state.thread.take()
        }
        guard let thread else { return }
        curl_multi_wakeup(multi)
        pthread_join(thread, nil)
    }

    // MARK: The thread

    private func run() {
        var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
        while true {
            let (arrivals, isClosed) = state.withLock { state in
                defer { state.arrivals = [] }
                return (state.arrivals, state.isClosed)
            }
            for request in arrivals { begin(request, among: &transfers) }
            if isClosed { break }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            finish(among: &transfers)
            curl_multi_poll(multi, nil, 0, Self.idleMilliseconds, nil)
        }
        for (handle, transfer) in transfers {
            curl_multi_remove_handle(multi, handle)
            transfer.abandon()
        }
    }

    private func begin(_ request: UpstreamRequest, among transfers: inout [UnsafeMutableRawPointer: Transfer]) {
        guard let transfer = Transfer(request, limits: limits, checksCertificates: checksCertificates),
            curl_multi_add_handle(multi, transfer.handle) == CURLM_OK
        else {
            forget()
            return request.completion(.failed(reason: "the request cannot be made"))
        }
        transfers[transfer.handle] = transfer
    }

    private func finish(among transfers: inout [UnsafeMutableRawPointer: Transfer]) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            curl_multi_remove_handle(multi, handle)
            forget()
            transfers.removeValue(forKey: handle)?.finish(code)
        }
    }

    private func forget() { state.withLock { $0.pending -= 1 } }
}
