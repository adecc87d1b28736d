import Base
internal import CLibuv
internal import Glibc

extension EventLoop {
    /// Resolves a host name on one of libuv's threads. The completion gets at least one address, or an error.
    func lookUp(
        host: String, port: UInt16, completion: @escaping (Result<[SocketAddress], SystemError>) -> Void
    ) {
        let request = LookupRequest((loop: self, completion: completion))
        lookups += 1
        var hints = NameLookup.hints
        let code = uv_getaddrinfo(
            uv, request.retainedPointer(),
            { pointer, code, list in
                let context = LookupRequest.taken(from: pointer!).context
                context.loop.lookups -= 1
                context.completion(NameLookup.result(code, list))
            }, host, String(port), &hints)
        guard code != 0 else { return }
        request.abandon()
        lookups -= 1
        runLater { completion(.failure(SystemError(.lookUp, code: code))) }
    }

    private typealias LookupRequest = LoopRequest<
        uv_getaddrinfo_t, (loop: EventLoop, completion: (Result<[SocketAddress], SystemError>) -> Void)
    >
}

/// The parameters and the result of getaddrinfo.
enum NameLookup {
    /// Both families; each address once, not once for each kind of socket.
    static var hints: addrinfo {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        return hints
    }

    /// Takes over `list`, which getaddrinfo allocated, perhaps through libuv.
    static func result(_ code: Int32, _ list: UnsafeMutablePointer<addrinfo>?) -> Result<[SocketAddress], SystemError> {
        defer { uv_freeaddrinfo(list) }
        guard code == 0 else { return .failure(SystemError(.lookUp, code: code)) }
        let addresses = sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }.compactMap { entry in
            RawSocketAddress(copying: entry!.pointee.ai_addr, length: entry!.pointee.ai_addrlen).address
        }
        return addresses.isEmpty ? .failure(SystemError(.lookUp, code: UV_EAI_NODATA.rawValue)) : .success(addresses)
    }
}

extension NameLookup {
    /// Resolves a name on the caller's thread. Only for the start, since it blocks.
    static func wait(host: String, port: UInt16) throws(SystemError) -> [SocketAddress] {
        var hints = hints
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        return try result(code == 0 ? 0 : UV_EAI_NONAME.rawValue, list).get()
    }
}
