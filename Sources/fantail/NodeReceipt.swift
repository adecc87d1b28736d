import JSON
import Terminal

/// A node's answer to published events.
struct NodeReceipt {
    let epoch: String
    let sequence: Int64
    let receivers: Int64

    /// Reads the answer; nil where it is another.
    init?(_ answer: [UInt8]) {
        guard let fields = NodeClient.fields(answer), let epoch = fields["epoch"]?.string,
            let sequence = fields["sequence"]?.integer, let receivers = fields["receivers"]?.integer
        else { return nil }
        self.epoch = epoch
        self.sequence = Int64(sequence)
        self.receivers = Int64(receivers)
    }
}
