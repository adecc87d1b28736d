extension BoundSocket {
    /// As ``bind(host:port:shared:)``, and for `localhost` both loopback addresses: clients may mean either.
    public static func all(host: String?, port: UInt16, shared: Bool) throws(SystemError) -> [BoundSocket] {
        guard host == "localhost" else { return try bind(host: host, port: port, shared: shared) }
        let first = try bind(host: "127.0.0.1", port: port, shared: shared)
        do {
            return first + (try bind(host: "::1", port: first[0].address.port, shared: shared))
        } catch {
            guard error.isAddressUnavailable else {
                for socket in first { socket.close() }
                throw error
            }
            return first
        }
    }
}
