/// The bounds of asking third parties, and why.
public struct InquiryLimits: Sendable {
    /// Tasks of one loop whose third party is being asked; the states of further ones are told as they are stored.
    public var perLoop = 128
    /// Requests of one loop that wait for a third party, and so of its polls; further ones are told what is stored.
    public var waiters = 10_000
    /// Requests of one connection that wait so: two of the largest.
    public var perConnection = 200
    /// Milliseconds for which one node alone may ask a task's third party: its answer's 10 s and some.
    public var turnMilliseconds: UInt64 = 12_000
    /// Milliseconds between two looks at what another node that asks has found.
    public var retryMilliseconds: UInt64 = 150
    /// Milliseconds for which an answer serves whoever else asks: those who asked at the same time.
    public var freshMilliseconds: UInt64 = 1_000
    /// Milliseconds added to a wait for that time's end: a loop's timer may fire some too early by Redis' clock.
    public var freshMarginMilliseconds: UInt64 = 20
    /// Milliseconds between two polls of a task's third party.
    public var pollMilliseconds = 30_000
    /// Milliseconds between two looks at which tasks are due.
    public var pollTickMilliseconds: UInt64 = 1_000
    /// Tasks taken at a look.
    public var pollBatch = 16
    /// Milliseconds after which another node takes a task over that this one took and has not done with.
    public var takeoverMilliseconds = 15_000
    /// Milliseconds between two looks at which secrets' tasks may have gone.
    public var secretsTickMilliseconds: UInt64 = 1_000
    /// Tasks looked at then.
    public var secretsBatch = 100

    /// The defaults.
    public init() {}
}
