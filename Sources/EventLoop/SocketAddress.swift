internal import CLibuv
internal import Glibc

/// Where to listen or to connect to.
public enum Endpoint: Sendable, Equatable {
    /// A host name or numeric address, and a port.
    case tcp(host: String, port: UInt16)
    /// The path of a unix socket.
    case unix(path: String)
}

/// The address of one end of a socket.
public struct SocketAddress: Sendable, Equatable, CustomStringConvertible {
    /// The numeric address, or the path of a unix socket (empty where it has none).
    public let host: String
    /// The port; 0 for a unix socket.
    public let port: UInt16

    /// `192.0.2.1:80`, `[::1]:80`, or the path.
    public var description: String {
        if port == 0 { return host.isEmpty ? "unix" : host }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    static let unnamed = SocketAddress(host: "", port: 0)

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads what the kernel wrote. IPv4 addresses that came through an IPv6 socket are shown as IPv4.
    init(_ storage: inout sockaddr_storage) {
        let family = Int32(storage.ss_family)
        self = withUnsafeMutableBytes(of: &storage) { bytes in
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN) + 1)
            switch family {
            case AF_INET:
                let address = bytes.baseAddress!.assumingMemoryBound(to: sockaddr_in.self)
                uv_ip4_name(address, &text, text.count)
                return SocketAddress(host: Self.string(text), port: UInt16(bigEndian: address.pointee.sin_port))
            case AF_INET6:
                let address = bytes.baseAddress!.assumingMemoryBound(to: sockaddr_in6.self)
                uv_ip6_name(address, &text, text.count)
                let host = Self.string(text)
                let isMapped = host.hasPrefix("::ffff:") && host.contains(".")
                return SocketAddress(
                    host: isMapped ? String(host.dropFirst(7)) : host, port: UInt16(bigEndian: address.pointee.sin6_port))
            default: return .unnamed
            }
        }
    }

    private static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A socket address as the kernel takes it.
struct RawAddress {
    var storage: sockaddr_storage
    let length: socklen_t

    var family: Int32 { Int32(storage.ss_family) }

    /// The addresses of a host, by getaddrinfo(3). It may ask the network, so a loop never calls it.
    static func resolve(host: String, port: UInt16) throws(SystemError) -> [RawAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else { throw SystemError(UV_EAI_NONAME.rawValue, "resolve \(host)") }
        defer { freeaddrinfo(list) }
        return all(list)
    }

    /// The addresses of a getaddrinfo list.
    static func all(_ list: UnsafeMutablePointer<addrinfo>?) -> [RawAddress] {
        sequence(first: list, next: { $0?.pointee.ai_next }).compactMap { $0 }.map { entry in
            var storage = sockaddr_storage()
            memcpy(&storage, entry.pointee.ai_addr, Int(entry.pointee.ai_addrlen))
            return RawAddress(storage: storage, length: entry.pointee.ai_addrlen)
        }
    }

    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        withUnsafeBytes(of: storage) { body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self)) }
    }
}
