internal import Base

extension RedisEndpoint {
    /// Whether traffic stays on this machine as far as the text can tell: a unix socket, `localhost` or a loopback
    /// address.
    public var isLoopback: Bool {
        switch address {
        case .unix: true
        case .tcp(let host, _): SocketAddress.isThisMachine(host: host)
        }
    }
}
