/// The bounds of the work on the list of tasks, and why.
public struct ListLimits: Sendable {
    /// Milliseconds for which a loop has the lease to keep the list: three renewals.
    public var leaseMilliseconds = 6_000
    /// Milliseconds between two renewals, or two attempts of the other nodes to take the lease.
    public var renewalMilliseconds: UInt64 = 2_000
    /// Milliseconds between two walks without a reason, for what no other way finds, such as tasks of nodes of an earlier
    /// version: an hour.
    public var walkMilliseconds: UInt64 = 3_600_000
    /// Milliseconds between two walks for tasks that had no room to wait: a minute. Whoever may publish may announce more
    /// tasks than there are.
    public var overrunMilliseconds: UInt64 = 60_000
    /// Milliseconds until a walk that a server ended begins anew.
    public var walkRetryMilliseconds: UInt64 = 10_000
    /// Tasks that are read at the same time: enough for a pipeline, little for Redis at a time.
    public var atOnce = 64
    /// Tasks that wait to be read; beyond them the loop looks through all tasks instead. About 2 MB.
    public var waiting = 16_384
    /// Keys that Redis looks at in one step of a walk through all tasks: well below a millisecond of its time.
    public var scanned = 500
    /// Listed tasks that are taken at a time when Redis may have deleted them.
    public var dueBatch = 200
    /// Milliseconds after which such a task is taken again, where the loop could not finish with it.
    public var takeoverMilliseconds = 15_000

    /// The bounds of a node by default; tests take smaller ones.
    public init() {}
}
