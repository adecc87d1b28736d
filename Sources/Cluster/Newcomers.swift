public import RESP

/// The masters of a cluster that have no slots, by the reply of one server to `CLUSTER NODES`: the map of slots does not
/// name them.
public enum Newcomers {
    /// The most of them, for each of which a loop has a connection: a reshard gives slots to a few.
    static let most = 100

    /// Reads the reply of the server at `place`. Servers go by the names of their hosts where `masters`, those of the
    /// map, do.
    public static func read(_ reply: RedisValue, askedAt place: Address, masters: [Address]) -> [Address] {
        let servers = (reply.string ?? "").split(whereSeparator: \.isNewline).compactMap { Server($0) }
        let areNamed = servers.contains { $0.name(at: place).map(masters.contains) == true }
        let found = servers.filter(\.isNewcomer).compactMap {
            (areNamed ? $0.name(at: place) : nil) ?? $0.address(at: place)
        }
        return Array(found.prefix(most))
    }

    /// A line: `id ip:port@bus[,host name] flags master ping pong epoch link-state slots…`.
    private struct Server {
        let ip: Substring
        let port: UInt16
        let hostName: Substring?
        let isNewcomer: Bool

        init?(_ line: Substring) {
            let words = line.split(separator: " ")
            guard words.count >= 8 else { return nil }
            let names = words[1].split(separator: ",", omittingEmptySubsequences: false)
            let socket = names[0].prefix { $0 != "@" }
            guard let colon = socket.lastIndex(of: ":"), let port = UInt16(socket[socket.index(after: colon)...]),
                port > 0
            else { return nil }
            ip = socket[..<colon]
            self.port = port
            hostName = names.count > 1 && !names[1].isEmpty && !names[1].contains("=") ? names[1] : nil
            let flags = words[2].split(separator: ",")
            // A slot in brackets is one that is moving: here, one that is coming.
            let hasSlots = words.dropFirst(8).contains { !$0.hasPrefix("[") }
            isNewcomer = flags.allSatisfy { $0 == "master" || $0 == "myself" } && flags.contains("master") && !hasSlots
        }

        func address(at place: Address) -> Address? { Address(host: ip, port: port, askedAt: place) }
        func name(at place: Address) -> Address? {
            hostName.flatMap { Address(host: $0, port: port, askedAt: place) }
        }
    }
}
