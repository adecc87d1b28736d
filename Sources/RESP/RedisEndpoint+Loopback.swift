internal import Base

extension RedisEndpoint {
    /// Whether the address certainly keeps traffic on this machine: a unix socket, `localhost` or a loopback address.
    public var isLoopback: Bool {
        switch address {
        case .unix: true
        case .tcp(let host, _): SocketAddress.isThisMachine(host: host)
        }
    }
}
