/// The bounds of the work on the list of tasks, and why.
public struct ListLimits: Sendable {
    /// Milliseconds for which a loop has the lease to keep the list: three renewals.
    public var leaseMilliseconds = 6_000
    /// Milliseconds between two renewals, or two attempts of the other nodes to take the lease.
    public var renewalMilliseconds: UInt64 = 2_000
    /// Tasks that are read at the same time: enough for a pipeline, little for Redis at a time.
    public var atOnce = 64
    /// Tasks that wait to be read; beyond them the loop looks through all tasks instead. About 2 MB.
    public var waiting = 16_384
    /// Keys that Redis looks at in one step of a walk through all tasks: well below a millisecond of its time.
    public var scanned = 500
    /// Listed tasks that are looked at again with each renewal, so that those leave the list that Redis has deleted.
    public var revisited = 200

    /// The bounds of a node by default; tests take smaller ones.
    public init() {}
}
