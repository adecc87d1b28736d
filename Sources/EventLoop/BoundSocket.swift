internal import CLibuv
internal import Glibc

/// A socket bound to an address, not yet listening. Made on any thread, given to the loop that is to listen.
public struct BoundSocket: Sendable {
    let descriptor: Int32
    let isUnix: Bool
    /// Where it is bound; a port of 0 was replaced by the kernel's choice.
    public let address: SocketAddress

    /// One socket for each address of `host`; a nil host means every address of the machine.
    ///
    /// - Parameter shared: sets SO_REUSEPORT, so that several loops can listen on the same port (socket(7)); the kernel
    ///   spreads connections over them. Without it the port must be free.
    public static func bind(host: String?, port: UInt16, shared: Bool) throws(SystemError) -> [BoundSocket] {
        guard let host else {
            // One dual-stack socket; where there is no IPv6, IPv4 alone.
            do { return [try bindFirst("::", port, shared)] } catch {
                guard error.isAddressUnavailable else { throw error }
                return [try bindFirst("0.0.0.0", port, shared)]
            }
        }
        var sockets: [BoundSocket] = []
        var port = port
        for address in try RawAddress.resolve(host: host, port: port) {
            do {
                sockets.append(try bind(address.with(port: port), shared: shared))
                port = sockets[0].address.port
            } catch {
                // `localhost` may name ::1 on a machine without IPv6.
                guard error.isAddressUnavailable else {
                    for socket in sockets { socket.close() }
                    throw error
                }
            }
        }
        guard !sockets.isEmpty else { throw SystemError(UV_EADDRNOTAVAIL.rawValue, "bind \(host)") }
        return sockets
    }

    /// A unix socket; a stale file of that name is removed when nobody answers there.
    public static func bind(unixPath path: String) throws(SystemError) -> BoundSocket {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else { throw SystemError(UV_ENAMETOOLONG.rawValue, "bind \(path)") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        var storage = sockaddr_storage()
        memcpy(&storage, &address, MemoryLayout<sockaddr_un>.size)
        let raw = RawAddress(storage: storage, length: socklen_t(MemoryLayout<sockaddr_un>.size))
        if isStale(raw) { unlink(path) }
        let descriptor = try open(AF_UNIX)
        try check(raw.withSockaddr { Glibc.bind(descriptor, $0, raw.length) }, "bind \(path)", closing: descriptor)
        return BoundSocket(descriptor: descriptor, isUnix: true, address: SocketAddress(host: path, port: 0))
    }

    /// Gives it up.
    public func close() { Glibc.close(descriptor) }

    private static func bindFirst(_ host: String, _ port: UInt16, _ shared: Bool) throws(SystemError) -> BoundSocket {
        try bind(RawAddress.resolve(host: host, port: port)[0], shared: shared)
    }

    private static func bind(_ address: RawAddress, shared: Bool) throws(SystemError) -> BoundSocket {
        let descriptor = try open(address.family)
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if shared { set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        if address.family == AF_INET6 {
            // `::` takes IPv4 too; a named IPv6 address has an IPv4 neighbour of its own.
            set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, address.isUnspecified ? 0 : 1)
        }
        try check(
            address.withSockaddr { Glibc.bind(descriptor, $0, address.length) }, "bind", closing: descriptor)
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutableBytes(of: &storage) {
            getsockname(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
        }
        try check(status, "getsockname", closing: descriptor)
        return BoundSocket(descriptor: descriptor, isUnix: false, address: SocketAddress(&storage))
    }

    private static func open(_ family: Int32) throws(SystemError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw SystemError(errno, "socket") }
        return descriptor
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func check(_ status: Int32, _ operation: String, closing descriptor: Int32) throws(SystemError) {
        guard status != 0 else { return }
        let number = errno
        Glibc.close(descriptor)
        throw SystemError(number, operation)
    }

    /// Whether there is a socket file that nobody listens on.
    private static func isStale(_ address: RawAddress) -> Bool {
        guard let descriptor = try? open(AF_UNIX) else { return false }
        defer { Glibc.close(descriptor) }
        let status = address.withSockaddr { Glibc.connect(descriptor, $0, address.length) }
        return status != 0 && errno == ECONNREFUSED
    }
}

extension RawAddress {
    fileprivate func with(port: UInt16) -> RawAddress {
        var copy = self
        // sin_port and sin6_port lie at the same place (RFC 3493 3.3).
        withUnsafeMutableBytes(of: &copy.storage) { $0.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self) }
        return copy
    }

    fileprivate var isUnspecified: Bool {
        withUnsafeBytes(of: storage) { $0[8..<24].allSatisfy { $0 == 0 } }
    }
}
