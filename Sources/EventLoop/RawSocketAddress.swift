import Base
internal import Glibc

/// A socket address as the system calls use it, and its conversion to and from ``SocketAddress``.
struct RawSocketAddress {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// Nil for a path that is too long: libuv and the kernel would cut it.
    init?(_ address: SocketAddress) {
        switch address {
        case .ipv4(let host, let port):
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = port.bigEndian
            value.sin_addr.s_addr = host.bigEndian
            store(value)
        case .ipv6(let host, let port, let scope):
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = port.bigEndian
            value.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &value.sin6_addr) { $0.storeBytes(of: host.bigEndian, as: UInt128.self) }
            store(value)
        case .unix(let path):
            var value = sockaddr_un()
            value.sun_family = sa_family_t(AF_UNIX)
            guard path.utf8.count < EventLoopLimits.unixPathBytes, !path.utf8.contains(0) else { return nil }
            withUnsafeMutableBytes(of: &value.sun_path) { $0.copyBytes(from: path.utf8) }
            store(value)
        }
    }

    /// The address that a system call fills in; nil when the call fails.
    init?(filledBy call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) {
        let code = withUnsafeMutablePointer(to: &storage) { storage in
            withUnsafeMutablePointer(to: &length) { length in
                storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, length) }
            }
        }
        guard code >= 0 else { return nil }
    }

    /// A copy of an address that C owns.
    init(copying pointer: UnsafePointer<sockaddr>, length: socklen_t) {
        self.length = min(length, self.length)
        withUnsafeMutableBytes(of: &storage) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: Int(self.length)))
        }
    }

    var family: Int32 { Int32(storage.ss_family) }

    /// The address in our form; nil for another family.
    var address: SocketAddress? {
        switch family {
        case AF_INET:
            let value = load(sockaddr_in.self)
            return .ipv4(UInt32(bigEndian: value.sin_addr.s_addr), port: UInt16(bigEndian: value.sin_port))
        case AF_INET6:
            let value = load(sockaddr_in6.self)
            let port = UInt16(bigEndian: value.sin6_port)
            let host = withUnsafeBytes(of: value.sin6_addr) { UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self)) }
            return SocketAddress(ipv6: host, port: port, scope: value.sin6_scope_id)
        case AF_UNIX:
            // A socket without a name has only a family.
            let used = max(0, Int(length) - MemoryLayout<sa_family_t>.size)
            return withUnsafeBytes(of: load(sockaddr_un.self).sun_path) { path in
                .unix(path: String(decoding: path.prefix(used).prefix { $0 != 0 }, as: UTF8.self))
            }
        default: return nil
        }
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    private mutating func store<Value>(_ value: Value) {
        length = socklen_t(MemoryLayout<Value>.size)
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: value, as: Value.self) }
    }

    private func load<Value>(_ type: Value.Type) -> Value {
        withUnsafeBytes(of: storage) { $0.load(as: Value.self) }
    }
}
