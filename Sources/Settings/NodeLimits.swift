public import HTTP
public import Hub
public import WebSocket

/// Every bound of a node's clients, its default, and why.
public struct NodeLimits: Sendable {
    /// Head and body of a request.
    public var http = HTTPLimits()
    /// One message, as sent and as inflated.
    public var webSocket = WebSocketLimits()
    /// Bytes that may wait for a slow viewer.
    public var outbox = OutboxLimits()

    /// One event as published, in bytes: the bound of one message.
    public var eventBytes = 64 * 1024
    /// Events in one batch.
    public var batchEvents = 256
    /// Nesting of JSON from outside; no progress event nests deeper.
    public var jsonDepth = 64

    /// Messages a connection may send per second, in the long run.
    public var messagesPerSecond = 50
    /// Messages a connection may send at once after a pause.
    public var messageBurst = 100

    /// Milliseconds from the connection to a complete request head.
    public var handshakeMilliseconds: UInt64 = 10_000
    /// Milliseconds from a request's head to the end of its body.
    public var bodyMilliseconds: UInt64 = 10_000
    /// Bytes of all request bodies that the node holds at once, on all loops; further ones get 503. 64 of the largest.
    public var bodiesBytes = 64 << 20
    /// Bytes of an unused body that the node reads to keep its connection; after a longer one the node closes it.
    public var skippedBodyBytes = 64 * 1024
    /// Milliseconds a kept-alive HTTP connection may be idle.
    public var keepAliveMilliseconds: UInt64 = 60_000
    /// Milliseconds a peer has to answer a close frame before the socket is closed.
    public var closeMilliseconds: UInt64 = 2_000
    /// Milliseconds a viewer that reads too slowly has to take the end of a frame and its close.
    public var slowCloseMilliseconds: UInt64 = 15_000
    /// Connections without a complete request head yet, per loop; beyond it the loop closes the oldest.
    public var pendingHandshakes = 1_024
    /// Connections of one node; further ones get 503. Lowered to the open-file limit less 256.
    public var connections = 50_000
    /// Connections above that bound that still get the 503; further ones are closed without an answer.
    public var connectionsToRefuse = 128
    /// Lines about refused clients that one loop writes per second, in the long run; the loop only counts the rest.
    public var refusalLinesPerSecond = 20
    /// Lines about refused clients that one loop writes at once after a pause.
    public var refusalLineBurst = 500
    /// Lines about what clients do that one loop writes per second, in the long run: a person can still read along.
    public var clientLinesPerSecond = 20
    /// Lines about what clients do that one loop writes at once after a pause.
    public var clientLineBurst = 200

    /// WebSockets of one user on all nodes: dozens of tabs, not a leak.
    public var connectionsPerUser = 100
    /// Milliseconds until the node sends `connected`, or the head of an event stream, without waiting for Redis.
    public var greetingMilliseconds: UInt64 = 2_000
    /// Milliseconds to collect messages for a client that takes several as one: too short to see.
    public var batchMilliseconds: UInt64 = 40
    /// Teams of one token that the node follows; it does not follow further ones.
    public var teamsPerToken = 32
    /// Unacknowledged messages kept for one user and client; the node does not repeat further ones.
    public var pendingAcknowledgements = 100
    /// Seconds to keep unacknowledged messages for a client that is away.
    public var acknowledgementSeconds = 600
    /// Milliseconds until the node repeats a question or a message to Redis that failed.
    public var acknowledgementRetryMilliseconds: UInt64 = 1_000
    /// Milliseconds until the node repeats an unacknowledged message, the first time, the second, and so on.
    public var redeliveryMilliseconds: [UInt64] = [5_000, 10_000, 20_000, 40_000, 80_000]

    /// Milliseconds a channel without viewers stays subscribed: a page reload comes back sooner.
    public var lingerMilliseconds: UInt64 = 2_000
    /// Bytes of recent messages that one loop keeps for viewers that reconnect.
    public var recentBytes = 64 << 20
    /// Bytes of a history that a loop reads and sends at a time: together with the bytes that may wait for a viewer
    /// before, well below the bound of all bytes that may wait.
    public var replayBytes = 256 * 1024
    /// Milliseconds until a separate message tells viewers that events are missing: the next event tells them, too.
    public var missedMilliseconds: UInt64 = 1_000
    /// States and replays that wait until a viewer has read the messages before; the loop refuses further ones.
    public var pacedPerConnection = 256
    /// Milliseconds that an answer waits for an event that is in Redis already and has not reached this loop.
    public var answerMilliseconds: UInt64 = 1_000
    /// Milliseconds between two repair reads of one channel.
    public var repairMilliseconds: UInt64 = 100

    /// When nodes ask third parties, and how many at once.
    public var inquiries = InquiryLimits()
    /// Of the work on the list of tasks.
    public var list = ListLimits()
    /// Bytes of a third party's name for a task.
    public var externalIDBytes = 512
    /// Bytes of a third party's API key: half of the head that servers accept.
    public var upstreamKeyBytes = 4096
    /// Bytes of a task's metadata.
    public var metadataBytes = 64 * 1024

    /// The bounds of a node by default; tests take smaller ones.
    public init() {}
}
