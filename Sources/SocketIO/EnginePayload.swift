/// The body of a poll: packets in their text form with 0x1E between them (Engine.IO protocol, "HTTP long-polling").
public enum EnginePayload {
    /// Stands between two packets: the record separator, which JSON texts escape.
    public static let separator: UInt8 = 0x1E

    /// Packets that a client may bring at a time. Each also counts for the rate of its messages.
    public static let maxPackets = 256

    /// The packets of a request's body; nil where one of them is none, or they are too many.
    public static func packets(in body: [UInt8]) -> [EnginePacket]? {
        let texts = body.split(
            separator: separator, maxSplits: maxPackets, omittingEmptySubsequences: false)
        guard texts.count <= maxPackets else { return nil }
        let packets = texts.compactMap(EnginePacket.init)
        return packets.count == texts.count ? packets : nil
    }
}
