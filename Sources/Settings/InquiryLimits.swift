/// The bounds of questions to third parties, and why.
public struct InquiryLimits: Sendable {
    /// Tasks of one loop whose third party the node asks at once; for further ones the node sends the stored state.
    public var perLoop = 128
    /// Requests of one loop that wait for a third party, and so of its polls; further ones get the stored state.
    public var waiters = 10_000
    /// Requests of one connection that wait for a third party: two of the largest.
    public var perConnection = 200
    /// Milliseconds for which only one node may ask a task's third party: the 10 s of its answer and some.
    public var turnMilliseconds: UInt64 = 12_000
    /// Milliseconds between two checks for the answer that another node has asked for.
    public var retryMilliseconds: UInt64 = 150
    /// Milliseconds for which an answer also serves other requests: those of the same moment.
    public var freshMilliseconds: UInt64 = 1_000
    /// Milliseconds added to a wait for that time's end: a loop's timer may fire slightly early by Redis' clock.
    public var freshMarginMilliseconds: UInt64 = 20
    /// Milliseconds between two polls of a task's third party.
    public var pollMilliseconds = 30_000
    /// Milliseconds between two checks for due tasks.
    public var pollTickMilliseconds: UInt64 = 1_000
    /// Tasks taken at one check.
    public var pollBatch = 16
    /// Milliseconds after which another node takes over a task that this node took and has not finished.
    public var takeoverMilliseconds = 15_000
    /// Milliseconds between two checks for secrets whose tasks may have gone.
    public var secretsTickMilliseconds: UInt64 = 1_000
    /// Tasks checked at a time.
    public var secretsBatch = 100

    /// The bounds of a node by default; tests take smaller ones.
    public init() {}
}
