public import Access
public import Store
public import RESP

/// Everything a node can be told, with the defaults of the design.
public struct Configuration: Sendable {
    /// Where to listen; nil for every address of the machine (with `--dev`, the loopback addresses only).
    public var host: String?
    /// The port of HTTP and WebSockets; 0 lets the system choose.
    public var port = 8000
    /// A port for metrics, health and the list of nodes, which the other one then does not have; nil for one for all.
    public var internalPort: Int?
    /// The file of the certificate that the clients' port shows, with its chain; nil where it does not speak TLS.
    public var certificate: String?
    /// The file of that certificate's key.
    public var certificateKey: String?
    /// Proxies that may name the client they speak for.
    public var trustedProxies: [AddressRange] = []
    /// The URL of Redis, where a setting names one.
    public var redisURL: RedisLocation?
    /// The files for `rediss://` and `rediss-sentinel://`.
    public var redisTLS = RedisTLS()
    /// The user of the Sentinels; nil for their `default`.
    public var sentinelUser: String?
    /// The password of the Sentinels; nil where they want none.
    public var sentinelPassword: String?
    /// Threads, each with its own loop; nil for one a core.
    public var loops: Int?
    /// The node's name in logs and lists; nil makes one of host name and process id.
    public var nodeID: String?

    /// A development node: `demo-token`, a ready-made JWT, loopback only, a private Redis if there is none.
    public var isDevelopment = false
    /// The secret of HS256, HS384 and HS512 tokens.
    public var jwtSecret: String?
    /// Whether that secret was made for development nodes, which share it through Redis.
    package var sharesSecret = false
    /// The public key of RS256 and ES256 tokens: PEM text or the path of a PEM file.
    public var jwtPublicKey: String?
    /// What `aud` must hold, where set.
    public var jwtAudience: String?
    /// What `iss` must be, where set.
    public var jwtIssuer: String?
    /// The key that opens REST with every right (`X-API-Key`).
    public var apiKey: String?
    /// The fixed token that opens `jobs` and `topics`.
    public var authToken: String?
    /// Who may watch a task.
    public var watch = WatchRule.open
    /// Other origins from which browsers may come; `*` for any.
    public var allowedOrigins: [String] = []

    /// The third parties that may be asked how tasks stand; the first one where a task names none.
    public var upstreams: [UpstreamEndpoint] = []

    /// Milliseconds between heartbeats, told to clients.
    public var heartbeatMilliseconds = 30_000
    /// Milliseconds a client has to authenticate in.
    public var authTimeoutMilliseconds = 10_000
    /// Milliseconds that closing every connection may take when the node stops.
    public var drainMilliseconds = 30_000

    /// WebSockets of one user on all nodes; nil for 100, and any number on a development node.
    public var connectionsPerUser: Int?
    /// Connections of one address that have no complete request head yet: those of a large office that comes back at once,
    /// not of somebody who opens thousands and says nothing.
    public var handshakesPerAddress = 256
    /// Channels one connection may be subscribed to: a dashboard, not a scraper.
    public var subscriptionsPerConnection = 100
    /// How presence is kept.
    public var presence = PresenceLimits()

    /// Milliseconds between two comparisons of every live channel's place with Redis'.
    public var positionCheckMilliseconds = 25_000
    /// Milliseconds between two probes of what Redis delivers.
    public var probeMilliseconds = 5_000
    /// Messages of a thousand that are thrown away, so that tests can see them repaired; development nodes only.
    public var droppedPerThousand = 0.0

    /// How channels and keys are spelled.
    public var naming = Naming.standard
    /// What is kept of a task.
    public var history = HistoryLimits()

    /// The form of a log line; nil for text on a terminal and JSON elsewhere.
    public var logFormat: LogFormat?
    /// The least important lines that are written.
    public var logLevel = LogLevel.info

    /// The defaults.
    public init() {}
}
