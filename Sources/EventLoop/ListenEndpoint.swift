/// Where to wait for connections.
public enum ListenEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// A port on each of the hosts: addresses or names. `::` stands for both families, or for 0.0.0.0 on a machine
    /// without IPv6. An address the machine does not have is left out as long as there is another one. Port 0 lets the
    /// system choose. `shared` lets other loops listen there too, each with a socket of its own (SO_REUSEPORT), among
    /// which the kernel spreads the connections.
    case tcp(hosts: [String], port: UInt16, shared: Bool)
    /// A unix socket's file. One that nobody listens on any more is replaced.
    case unix(path: String)

    /// A port on one host.
    public static func tcp(host: String, port: UInt16, shared: Bool) -> ListenEndpoint {
        .tcp(hosts: [host], port: port, shared: shared)
    }

    /// `127.0.0.1, ::1 port 8000`, `unix:/run/fantail.sock`.
    public var description: String {
        switch self {
        case .tcp(let hosts, let port, _): "\(hosts.joined(separator: ", ")) port \(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
