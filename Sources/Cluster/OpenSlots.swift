public import RESP

/// The slots that are open: their keys are being taken from one master to another, and while that lasts, messages of one
/// slot are published at either.
public struct OpenSlots: Sendable {
    /// The two masters of an open slot.
    public struct Move: Equatable, Sendable {
        /// Who has had the slot so far.
        public let source: Address
        /// Who takes it over.
        public let target: Address
    }

    /// The open slots.
    public private(set) var moves: [HashSlot: Move] = [:]

    /// No slot is open, as far as is known.
    public init() {}

    /// A redirection of a command by the master at `source` shows that a slot is open.
    public mutating func learn(_ slot: HashSlot, from source: Address, to target: Address) {
        moves[slot] = Move(source: source, target: target)
    }

    /// The master at `source` says which of its slots it is giving away, and to whom.
    public mutating func learn(_ leaving: [HashSlot: Address], from source: Address) {
        for (slot, target) in leaving { learn(slot, from: source, to: target) }
    }

    /// The moves of this master that its own word, `leaving`, does not have any more: they were completed or given up.
    public func ended(_ leaving: [HashSlot: Address], from source: Address) -> [HashSlot] {
        moves.filter { $0.value.source == source && leaving[$0.key] == nil }.map(\.key)
    }

    /// A slot is not open any more.
    public mutating func close(_ slot: HashSlot) { moves[slot] = nil }
}

extension OpenSlots {
    /// Reads the slots that a server gives away from its reply to CLUSTER NODES: its own line alone has them, as
    /// `[93->-id]`. The other lines have the addresses: `id host:port@bus,name …`. `place` is the server's own.
    public static func leaving(in reply: String, askedAt place: Address) -> [HashSlot: Address] {
        let lines = reply.split(separator: "\n").map { $0.split(separator: " ") }
        guard let own = lines.first(where: { $0.count > 2 && $0[2].split(separator: ",").contains("myself") }) else {
            return [:]
        }
        let moves = own.dropFirst(8).compactMap(move)
        guard !moves.isEmpty else { return [:] }
        let isNamed = name(in: own).map { place.host == String($0) } ?? false
        let addresses = Dictionary(
            lines.compactMap { line in address(in: line, askedAt: place, isNamed: isNamed).map { (line[0], $0) } },
            uniquingKeysWith: { first, _ in first })
        let found = moves.compactMap { move in addresses[move.id].map { (move.slot, $0) } }
        return Dictionary(found, uniquingKeysWith: { _, last in last })
    }

    /// `[93->-id]`
    private static func move(_ word: Substring) -> (slot: HashSlot, id: Substring)? {
        guard word.hasPrefix("["), word.hasSuffix("]"), let arrow = word.firstRange(of: "->-"),
            let slot = Int(word[word.index(after: word.startIndex)..<arrow.lowerBound]).flatMap({ HashSlot($0) })
        else { return nil }
        return (slot, word[arrow.upperBound...].dropLast())
    }

    /// `host:port@bus,name`: the name counts where the server that answers is known by its own.
    private static func address(in line: [Substring], askedAt place: Address, isNamed: Bool) -> Address? {
        guard line.count > 1, let address = Address(redirectedTo: line[1].prefix { $0 != "@" }, from: place) else {
            return nil
        }
        guard isNamed, let name = name(in: line), case .tcp(_, let port) = address else { return address }
        return .tcp(host: String(name), port: port)
    }

    /// Redis 7.2 has more behind it, as `name=value`.
    private static func name(in line: [Substring]) -> Substring? {
        let parts = line[1].split(separator: ",", omittingEmptySubsequences: false)
        return parts.count > 1 && !parts[1].isEmpty && !parts[1].contains("=") ? parts[1] : nil
    }
}

extension Address {
    fileprivate var host: String? { if case .tcp(let host, _) = self { host } else { nil } }
}
