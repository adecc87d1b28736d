public import RESP

/// Which master of a Redis Cluster keeps which hash slot, as one of its servers has said.
public struct SlotMap: Sendable, Equatable {
    /// For each slot, one more than the place of its master in ``masters``; 0 where it has none.
    private var homes: [UInt16]
    /// The masters that keep slots, each once.
    public private(set) var masters: [Address] = []
    /// The replicas, each once. They can be asked for the map too.
    public private(set) var replicas: [Address] = []

    /// Masters that are taken from a map: as many as Redis Cluster is made for. Each loop has a connection to each.
    static let maxMasters = 1_000

    /// Why a reply is no map.
    public struct Fault: Error, Equatable, Sendable {
        /// What is wrong, in a few words.
        public let message: String
    }

    /// Reads the reply to `CLUSTER SLOTS` of the server at `place`, which is meant where the reply names no host.
    public init(_ reply: RedisValue, askedAt place: Address) throws(Fault) {
        guard let ranges = reply.array else { throw Fault(message: "CLUSTER SLOTS is no list") }
        homes = Array(repeating: 0, count: HashSlot.count)
        for range in ranges { try add(range, place) }
    }

    /// The master that keeps `slot`; nil where there is none, or none whose address is known.
    public subscript(slot: HashSlot) -> Address? {
        let home = Int(homes[slot.number])
        return home == 0 ? nil : masters[home - 1]
    }

    /// Slots without a master.
    public var orphanCount: Int { homes.count { $0 == 0 } }

    /// One slot is kept by another master now.
    public mutating func move(_ slot: HashSlot, to address: Address) {
        homes[slot.number] = place(of: address)
    }

    private mutating func add(_ range: RedisValue, _ place: Address) throws(Fault) {
        guard let parts = range.array, parts.count >= 2, let first = parts[0].integer, let last = parts[1].integer,
            0 <= first, first <= last, last < HashSlot.count
        else { throw Fault(message: "a range of CLUSTER SLOTS is none of 0 to \(HashSlot.count - 1)") }
        let addresses = parts.dropFirst(2).map { Self.address(of: $0, place) }
        // Redis names the master first.
        if let master = addresses.first.flatMap(\.self) {
            let home = self.place(of: master)
            for slot in Int(first)...Int(last) { homes[slot] = home }
        }
        for case .some(let replica) in addresses.dropFirst() where !replicas.contains(replica) {
            replicas.append(replica)
        }
    }

    private mutating func place(of address: Address) -> UInt16 {
        if let index = masters.firstIndex(of: address) { return UInt16(index + 1) }
        guard masters.count < Self.maxMasters else { return 0 }
        masters.append(address)
        return UInt16(masters.count)
    }

    /// A server as `[host, port, id, [name, value, …]]`. No host: the one that was asked. `?`: it should be known by a name that
    /// nobody has set, and the list may have its number.
    private static func address(of server: RedisValue, _ place: Address) -> Address? {
        guard let parts = server.array, parts.count >= 2, let number = parts[1].integer,
            let port = UInt16(exactly: number), port > 0
        else { return nil }
        return Address(host: parts[0].string ?? "", port: port, askedAt: place)
            ?? ip(in: parts).map { Address.tcp(host: $0, port: port) }
    }

    private static func ip(in parts: [RedisValue]) -> String? {
        guard parts.count > 3, let words = parts[3].array?.map(\.string), let index = words.firstIndex(of: "ip"),
            index + 1 < words.count, let ip = words[index + 1], !ip.isEmpty
        else { return nil }
        return ip
    }
}
