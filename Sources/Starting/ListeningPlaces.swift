package import EventLoop
import Glibc
package import Settings
package import Telemetry

/// The addresses that a node listens on, by its settings.
package struct ListeningPlaces {
    private let configuration: Configuration

    package init(_ configuration: Configuration) { self.configuration = configuration }

    /// Every loop's address for clients; both loopback addresses on a development node: `localhost` may be either.
    package func clients(port: UInt16) -> ListenEndpoint { .tcp(hosts: hosts, port: port, shared: true) }

    /// The operators' address for loop 0, if operators have a separate port.
    package var operators: ListenEndpoint? {
        configuration.internalPort.map { .tcp(hosts: hosts, port: UInt16($0), shared: false) }
    }

    private var hosts: [String] {
        switch configuration.host {
        case nil: ["::"]
        case "localhost": ["127.0.0.1", "::1"]
        case let host?: [host]
        }
    }

    /// An address that another process has.
    private struct Taken {
        let port: Int
        let flag: String
        let holder: PortHolder

        var failure: StartFailure { .running("port \(port) is in use by \(holder) (\(flag) sets another port)") }
    }

    /// How long a node may take to end beyond its drain, in milliseconds: process managers allow as much.
    private static let endMilliseconds = 10_000
    /// The pause between two checks whether the node has ended, in milliseconds.
    private static let lookMilliseconds = 200

    /// Throws where a node could not listen. The loops share a port; the node shares no port with another program.
    func probe() throws(StartFailure) {
        if let taken = try taken() { throw taken.failure }
    }

    /// Like `probe`, but waits for a stopping node on the port: an operator has told it to make room for this node.
    package func waitUntilFree(_ log: Log) throws(StartFailure) {
        guard var taken = try taken() else { return }
        guard taken.holder == .drainingNode else { throw taken.failure }
        let patience = configuration.drainMilliseconds + Self.endMilliseconds
        log.info(
            "waiting for the port: a stopping node uses it until its clients are closed",
            ["port": .number(taken.port), "seconds": .number(patience / 1_000)])
        for _ in 0..<patience / Self.lookMilliseconds {
            usleep(UInt32(Self.lookMilliseconds * 1_000))
            guard let still = try self.taken() else { return }
            taken = still
        }
        throw taken.failure
    }

    private func taken() throws(StartFailure) -> Taken? {
        let port = configuration.port
        if let taken = try taken(clients(port: UInt16(port)), port: port, flag: "--port") { return taken }
        guard let operators, let port = configuration.internalPort else { return nil }
        return try taken(operators, port: port, flag: "--internal-port")
    }

    private func taken(_ place: ListenEndpoint, port: Int, flag: String) throws(StartFailure) -> Taken? {
        do {
            try Listener.probe(place)
            return nil
        } catch {
            guard error.code == EADDRINUSE else { throw refusal(port: port, error) }
            return Taken(port: port, flag: flag, holder: PortHolder.ask(hosts: hosts, port: port))
        }
    }

    /// Why no process can listen at `port`: the address is not this machine's, or the name has no address; with the
    /// flag that sets it.
    package func refusal(port: Int, _ error: SystemError) -> StartFailure {
        let host = configuration.host.map { "\($0) " } ?? ""
        let flag =
            configuration.host != nil && (error.code == EADDRNOTAVAIL || error.operation == .lookUp)
            ? " (--host sets another address)" : ""
        return .running("cannot listen on \(host)port \(port): \(error)\(flag)")
    }
}
