/// Which channels are sharded in a cluster, and the channels by which connections prove that they deliver.
public struct ShardedChannels {
    /// Whether a channel is sharded.
    let isSharded: (String) -> Bool
    /// The loop's own channel of that number, in any slot.
    let proof: (Int) -> String

    /// Channels by name. The numbers must lead to channels in all slots.
    public init(isSharded: @escaping (String) -> Bool, proof: @escaping (Int) -> String) {
        self.isSharded = isSharded
        self.proof = proof
    }
}
