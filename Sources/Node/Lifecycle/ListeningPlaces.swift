import EventLoop
import Glibc

/// Where a node listens, by its settings.
struct ListeningPlaces {
    private let configuration: Configuration

    init(_ configuration: Configuration) { self.configuration = configuration }

    /// Where every loop listens for clients: a development node on both loopback addresses, since `localhost` may be either.
    func clients(port: UInt16) -> ListenEndpoint { .tcp(hosts: hosts, port: port, shared: true) }

    /// Where loop 0 listens for operators, if they have a port of their own.
    var operators: ListenEndpoint? {
        configuration.internalPort.map { .tcp(hosts: hosts, port: UInt16($0), shared: false) }
    }

    private var hosts: [String] {
        switch configuration.host {
        case nil: ["::"]
        case "localhost": ["127.0.0.1", "::1"]
        case let host?: [host]
        }
    }

    /// Throws where a node could not listen. The loops share a port; another program must not.
    func probe() throws(StartFailure) {
        try probe(clients(port: UInt16(configuration.port)), port: configuration.port, flag: "--port")
        if let operators, let port = configuration.internalPort {
            try probe(operators, port: port, flag: "--internal-port")
        }
    }

    private func probe(_ place: ListenEndpoint, port: Int, flag: String) throws(StartFailure) {
        do {
            try Listener.probe(place)
        } catch {
            if error.code == EADDRINUSE {
                throw .running("port \(port) is in use by another program (\(flag) sets another)")
            }
            throw refusal(port: port, error)
        }
    }

    /// Why nothing can listen at `port`: of an address that is none of this machine's, or a name of no machine's, with the flag
    /// that sets it.
    func refusal(port: Int, _ error: SystemError) -> StartFailure {
        let host = configuration.host.map { "\($0) " } ?? ""
        let flag =
            configuration.host != nil && (error.code == EADDRNOTAVAIL || error.operation == .lookUp)
            ? " (--host sets another address)" : ""
        return .running("cannot listen on \(host)port \(port): \(error)\(flag)")
    }
}
