public import Access
public import Store
public import RESP

/// All settings of a node, with the defaults of the design.
public struct Configuration: Sendable {
    /// The addresses to listen on; nil for every address of the machine (with `--dev`, the loopback addresses only).
    public var host: String?
    /// The port of HTTP and WebSockets; 0 lets the system choose.
    public var port = 8000
    /// A separate port for metrics, health and the list of nodes; nil to serve them on the clients' port.
    public var internalPort: Int?
    /// The file of the certificate for the clients' port, with its chain; nil for a port without TLS.
    public var certificate: String?
    /// The file of that certificate's key.
    public var certificateKey: String?
    /// Proxies whose headers may name the client.
    public var trustedProxies: [AddressRange] = []
    /// The URL of Redis, where a setting names one.
    public var redisURL: RedisLocation?
    /// How the events of tasks and topics travel in a Redis Cluster.
    public var redisPubSub = ClusterPubSub.both
    /// The files for `rediss://` and `rediss-sentinel://`.
    public var redisTLS = RedisTLS()
    /// The user of the Sentinels; nil for their `default`.
    public var sentinelUser: String?
    /// The password of the Sentinels; nil where they need none.
    public var sentinelPassword: String?
    /// The number of threads, each with one loop; nil for one a core.
    public var loops: Int?
    /// The node's name in logs and lists; nil for host name and process id.
    public var nodeID: String?

    /// A development node: `demo-token`, a ready-made JWT, loopback only, a private Redis if there is none.
    public var isDevelopment = false
    /// The secret of HS256, HS384 and HS512 tokens.
    public var jwtSecret: String?
    /// Whether development nodes made that secret, which they share through Redis.
    package var sharesSecret = false
    /// The public key of RS256 and ES256 tokens: PEM text or the path of a PEM file.
    public var jwtPublicKey: String?
    /// The audience that `aud` must contain; nil for any.
    public var jwtAudience: String?
    /// The value that `iss` must have; nil for any.
    public var jwtIssuer: String?
    /// The API key with every right in REST (`X-API-Key`).
    public var apiKey: String?
    /// The fixed token for `jobs` and `topics`.
    public var authToken: String?
    /// Which users may watch a task.
    public var watch = WatchRule.open
    /// Other origins that the node accepts browsers from; `*` for any.
    public var allowedOrigins: [String] = []

    /// The third parties that the node may ask for a task's state; the first one where a task names none.
    public var upstreams: [UpstreamEndpoint] = []

    /// Milliseconds between heartbeats; clients learn the number.
    public var heartbeatMilliseconds = 30_000
    /// The longest silence of a client in milliseconds, however long the heartbeat.
    public var connectionTimeoutMilliseconds = 600_000
    /// Milliseconds between two pings to a client of Socket.IO; clients learn the number.
    public var socketIOPingMilliseconds = 25_000
    /// Milliseconds that a client of Socket.IO has for its answer to a ping; clients learn the number.
    public var socketIOPongMilliseconds = 20_000
    /// Milliseconds for a client to authenticate.
    public var authTimeoutMilliseconds = 10_000
    /// Milliseconds to close every connection when the node stops.
    public var drainMilliseconds = 30_000

    /// WebSockets of one user on all nodes; nil for 100, and any number on a development node.
    public var connectionsPerUser: Int?
    /// Connections of one address without a complete request head: enough for a large office that reconnects at once,
    /// too few for a client that opens thousands and sends nothing.
    public var handshakesPerAddress = 256
    /// Channels one connection may be subscribed to: a dashboard, not a scraper.
    public var subscriptionsPerConnection = 100
    /// The text of the first message in `presence`.
    public var welcome = Welcome.standard
    /// How presence is kept.
    public var presence = PresenceLimits()

    /// Milliseconds between two comparisons of every live channel's position with Redis.
    public var positionCheckMilliseconds = 25_000
    /// Milliseconds between two probes of Redis's delivery.
    public var probeMilliseconds = 5_000
    /// Messages of a thousand that the node drops, so that tests see the repair; development nodes only.
    public var droppedPerThousand = 0.0

    /// The spelling of channels and keys.
    public var naming = Naming.standard
    /// What Redis keeps of a task.
    public var history = HistoryLimits()

    /// The form of a log line; nil for text on a terminal and JSON elsewhere.
    public var logFormat: LogFormat?
    /// The lowest level of log lines that the node writes.
    public var logLevel = LogLevel.info

    /// The values of settings that nobody sets: without a flag, a variable or a file.
    public init() {}
}
