import Base
internal import CLibuv
internal import Glibc

/// Creates listening sockets; libuv 1.44 cannot set SO_REUSEPORT.
enum ListeningSocket {
    /// Opens the sockets of one endpoint, all with one port.
    static func open(
        _ endpoint: ListenEndpoint, backlog: Int32, peerPatienceMilliseconds: Int32? = nil
    ) throws(SystemError) -> [Int32] {
        switch endpoint {
        case .unix(let path):
            return [try openUnix(path, backlog: backlog)]
        case .tcp(let hosts, let port, let isShared):
            let addresses = try resolve(hosts, port: port)
            // The system may choose a port on the first address that is taken on the second.
            for _ in 1..<EventLoopLimits.portAttempts where port == 0 && addresses.count > 1 {
                if let sockets = try? openAll(addresses, isShared: isShared, backlog: backlog, peerPatienceMilliseconds)
                {
                    return sockets
                }
            }
            return try openAll(addresses, isShared: isShared, backlog: backlog, peerPatienceMilliseconds)
        }
    }

    /// SO_REUSEPORT would silently let a second process in, so the first listener probes without it. Fails with
    /// EADDRINUSE where any process listens, sharing or not.
    static func probe(_ endpoint: ListenEndpoint) throws(SystemError) {
        guard case .tcp(let hosts, let port, _) = endpoint, port != 0 else { return }
        let addresses = try resolve(hosts, port: port)
        for socket in try openAll(addresses, isShared: false, backlog: nil) { close(socket) }
    }

    /// The address of a socket.
    static func address(of socket: Int32) -> SocketAddress? {
        RawSocketAddress { getsockname(socket, $0, $1) }?.address
    }

    private static func resolve(_ hosts: [String], port: UInt16) throws(SystemError) -> [SocketAddress] {
        var addresses: [SocketAddress] = []
        for host in hosts {
            if let address = SocketAddress(literal: host, port: port) {
                addresses.append(address)
            } else {
                addresses += try NameLookup.wait(host: host, port: port)
            }
        }
        // `localhost` beside `127.0.0.1` repeats the address, and the second bind would fail.
        var seen: Set<SocketAddress> = []
        return addresses.filter { seen.insert($0).inserted }
    }

    /// Opens one socket for each address, all on the port of the first. Without a backlog it only binds them.
    private static func openAll(
        _ addresses: [SocketAddress], isShared: Bool, backlog: Int32?, _ peerPatienceMilliseconds: Int32? = nil
    ) throws(SystemError) -> [Int32] {
        var sockets: [Int32] = []
        var absent = SystemError(.bind, code: EADDRNOTAVAIL)
        for address in addresses {
            let port = sockets.first.flatMap(ListeningSocket.address)?.port
            do {
                let place = port.map(address.with) ?? address
                let socket = try openBest(place, isShared: isShared, backlog: backlog)
                sockets.append(socket)
                if let peerPatienceMilliseconds { setPatience(peerPatienceMilliseconds, on: socket) }
            } catch  where error.code == EADDRNOTAVAIL || error.code == EAFNOSUPPORT {
                absent = error
            } catch {
                for socket in sockets { close(socket) }
                throw error
            }
        }
        guard !sockets.isEmpty else { throw absent }
        return sockets
    }

    private static func openBest(
        _ address: SocketAddress, isShared: Bool, backlog: Int32?
    ) throws(SystemError) -> Int32 {
        do {
            return try openTCP(address, isShared: isShared, backlog: backlog)
        } catch  where address.isAnyIPv6 && (error.code == EADDRNOTAVAIL || error.code == EAFNOSUPPORT) {
            return try openTCP(.ipv4(0, port: address.port ?? 0), isShared: isShared, backlog: backlog)
        }
    }

    private static func openTCP(
        _ address: SocketAddress, isShared: Bool, backlog: Int32?
    ) throws(SystemError) -> Int32 {
        guard let raw = RawSocketAddress(address) else { throw SystemError(.bind, code: EINVAL) }
        let socket = fantail_stream_socket(raw.family)
        guard socket >= 0 else { throw SystemError(.open, code: errno) }
        var options: [(level: Int32, name: Int32, value: Int32)] = [
            // Connections of a node that has just ended wait in TIME_WAIT; two processes still cannot listen.
            (SOL_SOCKET, SO_REUSEADDR, 1),
            // Accepted connections inherit these options on Linux, which saves a call for each.
            (Int32(IPPROTO_TCP), TCP_NODELAY, 1),
            (Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, EventLoopLimits.unsentBytes),
        ]
        if isShared { options.append((SOL_SOCKET, SO_REUSEPORT, 1)) }
        // Explicit, since net.ipv6.bindv6only may have changed the default.
        if raw.family == AF_INET6 { options.append((Int32(IPPROTO_IPV6), IPV6_V6ONLY, address.isAnyIPv6 ? 0 : 1)) }
        return try give(raw, to: socket, options: options, backlog: backlog)
    }

    /// For accepted connections, which inherit the option on Linux: a connection fails with ETIMEDOUT when its peer has
    /// acknowledged or read nothing for this long (TCP_USER_TIMEOUT, RFC 5482; by default a quarter of an hour).
    /// Keepalive probes the peers of idle connections.
    private static func setPatience(_ milliseconds: Int32, on socket: Int32) {
        let patience = max(milliseconds, EventLoopLimits.minPeerPatienceMilliseconds)
        let seconds = max(1, patience / 1000 / (EventLoopLimits.keepAliveProbes + 1))
        for (level, name, value) in [
            (Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, patience), (SOL_SOCKET, SO_KEEPALIVE, 1),
            (Int32(IPPROTO_TCP), TCP_KEEPIDLE, seconds), (Int32(IPPROTO_TCP), TCP_KEEPINTVL, seconds),
            (Int32(IPPROTO_TCP), TCP_KEEPCNT, EventLoopLimits.keepAliveProbes),
        ] {
            // Cannot fail: the values are in range, and the socket is ours.
            _ = SocketOption.set(socket, level, name, value)
        }
    }

    private static func openUnix(_ path: String, backlog: Int32) throws(SystemError) -> Int32 {
        guard let raw = RawSocketAddress(.unix(path: path)) else { throw SystemError(.bind, code: ENAMETOOLONG) }
        if isAbandoned(raw) { unlink(path) }
        let socket = fantail_stream_socket(AF_UNIX)
        guard socket >= 0 else { throw SystemError(.open, code: errno) }
        return try give(raw, to: socket, options: [], backlog: backlog)
    }

    /// Whether a unix socket's file exists and no process listens on it.
    private static func isAbandoned(_ raw: RawSocketAddress) -> Bool {
        let socket = fantail_stream_socket(AF_UNIX)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        return raw.withPointer { connect(socket, $0, $1) } != 0 && errno == ECONNREFUSED
    }

    /// Sets the options, binds, and listens; closes the socket on failure.
    private static func give(
        _ raw: RawSocketAddress, to socket: Int32, options: [(level: Int32, name: Int32, value: Int32)], backlog: Int32?
    ) throws(SystemError) -> Int32 {
        func check(_ operation: SystemError.Operation, _ code: Int32) throws(SystemError) {
            guard code != 0 else { return }
            close(socket)
            throw SystemError(operation, code: code)
        }
        for option in options {
            try check(.configure, SocketOption.set(socket, option.level, option.name, option.value))
        }
        try check(.bind, raw.withPointer { bind(socket, $0, $1) == 0 ? 0 : errno })
        if let backlog { try check(.listen, listen(socket, backlog) == 0 ? 0 : errno) }
        return socket
    }
}
