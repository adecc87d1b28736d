public import RESP

/// The master of each hash slot of a Redis Cluster, by the reply of one server.
public struct SlotMap: Sendable, Equatable {
    /// For each slot, the index of its master in ``masters`` plus one; 0 where the slot has no master.
    private var homes: [UInt16]
    /// The masters with slots, each once.
    public private(set) var masters: [Address] = []
    /// The replicas, each once. They answer for the map, too.
    public private(set) var replicas: [Address] = []

    /// The most masters of a map, as many as Redis Cluster is made for: each loop has a connection to each master.
    static let maxMasters = 1_000
    /// The most replicas of a map, five for each master; further ones are passed over, the survey needs no more.
    static let maxReplicas = 5_000
    /// The most slots that all ranges of a reply name together: twice as many as there are, where Redis names each once.
    static let maxNamedSlots = 2 * HashSlot.count

    /// Why a reply is not a map.
    public struct Fault: Error, Equatable, Sendable {
        /// The fault, in a few words.
        public let message: String
    }

    /// Reads the reply to `CLUSTER SLOTS` of the server at `place`; an empty host in it stands for that server's host.
    public init(_ reply: RedisValue, askedAt place: Address) throws(Fault) {
        guard let ranges = reply.array else { throw Fault(message: "CLUSTER SLOTS is no list") }
        guard ranges.count <= HashSlot.count else { throw Fault(message: "CLUSTER SLOTS has more ranges than slots") }
        homes = Array(repeating: 0, count: HashSlot.count)
        var seen = Seen()
        for range in ranges { try add(range, place, &seen) }
    }

    /// The master of `slot`; nil where there is none, or its address is not known.
    public subscript(slot: HashSlot) -> Address? {
        let home = Int(homes[slot.number])
        return home == 0 ? nil : masters[home - 1]
    }

    /// The number of slots without a master.
    public var orphanCount: Int { homes.count { $0 == 0 } }

    /// The masters that have slots here which in `older` had no master, or one of `lost`.
    public func heirs(since older: SlotMap, lost: Set<Address>) -> Set<Address> {
        var heirs: Set<Address> = []
        for number in 0..<HashSlot.count where homes[number] != 0 {
            let before = Int(older.homes[number])
            guard before == 0 || lost.contains(older.masters[before - 1]) else { continue }
            heirs.insert(masters[Int(homes[number]) - 1])
        }
        return heirs.subtracting(lost)
    }

    /// The slots that have another master here than in `older`, or none any more.
    public func changes(since older: SlotMap?) -> [HashSlot] {
        guard let older else { return (0..<HashSlot.count).compactMap { HashSlot($0) } }
        // For each home of `older`, the same master's home here; 0 stays 0. No master here has the number of slots.
        let places = Dictionary(zip(masters, 1...).map { ($0, UInt16($1)) }, uniquingKeysWith: { first, _ in first })
        let homesHere = [0] + older.masters.map { places[$0] ?? .max }
        return (0..<HashSlot.count).filter { homes[$0] != homesHere[Int(older.homes[$0])] }.compactMap { HashSlot($0) }
    }

    /// Gives a slot to another master.
    public mutating func move(_ slot: HashSlot, to address: Address) {
        homes[slot.number] = place(of: address)
    }

    /// What the ranges of a reply have named so far.
    private struct Seen {
        var places: [Address: UInt16] = [:]
        var replicas: Set<Address> = []
        var slotCount = 0
    }

    private mutating func add(_ range: RedisValue, _ place: Address, _ seen: inout Seen) throws(Fault) {
        guard let parts = range.array, parts.count >= 2, let first = parts[0].integer, let last = parts[1].integer,
            0 <= first, first <= last, last < HashSlot.count
        else { throw Fault(message: "a range of CLUSTER SLOTS is none of 0 to \(HashSlot.count - 1)") }
        seen.slotCount += Int(last - first) + 1
        guard seen.slotCount <= Self.maxNamedSlots else {
            throw Fault(message: "the ranges of CLUSTER SLOTS overlap")
        }
        let addresses = parts.dropFirst(2).map { Self.address(of: $0, place) }
        // Redis names the master first.
        if let master = addresses.first.flatMap(\.self) {
            let home = seen.places[master] ?? self.place(of: master)
            seen.places[master] = home
            for slot in Int(first)...Int(last) { homes[slot] = home }
        }
        for case .some(let replica) in addresses.dropFirst() where replicas.count < Self.maxReplicas {
            if seen.replicas.insert(replica).inserted { replicas.append(replica) }
        }
    }

    private mutating func place(of address: Address) -> UInt16 {
        if let index = masters.firstIndex(of: address) { return UInt16(index + 1) }
        guard masters.count < Self.maxMasters else { return 0 }
        masters.append(address)
        return UInt16(masters.count)
    }

    /// A server as `[host, port, id, [name, value, …]]`. An empty host stands for the server that answers. `?` stands
    /// for a host name that nobody has set; the list may have the numeric address.
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
