/// An address to listen on.
public enum ListenEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// A port on each of the hosts: addresses or names. `::` stands for both families, or for 0.0.0.0 on a machine
    /// without IPv6. The listener skips an address that the machine does not have while another address remains. With
    /// port 0 the system chooses. `shared` lets other loops listen there too, each with its own socket (SO_REUSEPORT);
    /// the kernel spreads the connections among them.
    case tcp(hosts: [String], port: UInt16, shared: Bool)
    /// A unix socket's file. The listener replaces a file on which no process listens any more.
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
