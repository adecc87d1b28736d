/// The hash slot of a key in a Redis Cluster: one of 16,384, which the masters share.
public struct HashSlot: Hashable, Sendable {
    /// From 0 to 16,383.
    public let number: Int

    /// The slot of that number; nil where there is none.
    public init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = number
    }

    private init(modulo number: Int) { self.number = number % Self.count }

    /// The number of slots.
    public static let count = 16_384

    /// The slot of `key`. Only the part between the first `{` and the next `}` counts, where it is not empty: so
    /// related keys share a slot.
    public static func of(_ key: String) -> HashSlot { of(key.utf8) }

    /// The slot of the key of these bytes.
    public static func of<Key: Collection<UInt8>>(_ key: Key) -> HashSlot {
        HashSlot(modulo: Int(CRC16.of(tag(of: key))))
    }

    private static func tag<Key: Collection<UInt8>>(of key: Key) -> Key.SubSequence {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")) else { return key[...] }
        let after = key[key.index(after: open)...]
        guard let close = after.firstIndex(of: UInt8(ascii: "}")), close > after.startIndex else { return key[...] }
        return after[..<close]
    }
}

extension HashSlot: CustomStringConvertible {
    /// The number alone, as MOVED has it.
    public var description: String { "\(number)" }
}

/// The checksum that Redis hashes keys with: CRC16 of XMODEM, polynomial 0x1021, from 0.
enum CRC16 {
    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in sum << 8 ^ table[Int(UInt8(sum >> 8) ^ byte)] }
    }
}
