import Access
import Store
import RESP

/// The settings of `fantail serve`.
public enum NodeSettings {
    /// Every setting, in the order of the help.
    public static let all = listening + redis + history + security + timing + repair + presence + logging

    private static let listening: [Setting<Configuration>] = [
        Setting(
            "--host", ["FANTAIL_HOST"], "ADDRESS", "address to listen on (all; with --dev only the loopback addresses)"
        ) {
            $0.host = $1
        },
        Setting("--port", ["FANTAIL_PORT", "PORT"], "PORT", "port for HTTP and WebSockets (8000)") {
            (configuration, text) throws(SettingError) in
            configuration.port = try SettingValue.port(text, in: 0...65535)
        },
        Setting(
            "--tls-cert", ["FANTAIL_TLS_CERT"], "FILE",
            "PEM file with the certificate chain of --port, which then speaks only TLS (none)"
        ) {
            (configuration, text) throws(SettingError) in configuration.certificate = try SettingValue.file(text)
        },
        Setting(
            "--tls-key", ["FANTAIL_TLS_KEY"], "FILE",
            "PEM file with the key of --tls-cert; on SIGHUP the node reads both files again (none)"
        ) {
            (configuration, text) throws(SettingError) in configuration.certificateKey = try SettingValue.file(text)
        },
        Setting(
            "--internal-port", ["FANTAIL_INTERNAL_PORT"], "PORT",
            "port for /metrics, /health and /api/v1/nodes, which --port then does not serve; always without TLS (none)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.internalPort = try SettingValue.port(text, in: 1...65535)
        },
        Setting(
            "--trust-proxy", ["FANTAIL_TRUST_PROXY"], "CIDR",
            "proxies whose X-Real-IP and X-Forwarded-For the node trusts; may be repeated (none)", isRepeatable: true
        ) {
            (configuration, text) throws(SettingError) in
            configuration.trustedProxies += try SettingValue.addressRanges(text)
        },
        Setting("--loops", ["FANTAIL_LOOPS"], "N", "number of event loops, each on its own thread (one a core)") {
            (configuration, text) throws(SettingError) in
            configuration.loops = try SettingValue.integer(text, in: 1...256)
        },
        Setting("--node-id", ["FANTAIL_NODE_ID"], "NAME", "the node's name in logs and lists (host-PID)") {
            (configuration, text) throws(SettingError) in
            configuration.nodeID = try SettingValue.name(text)
        },
        Setting(
            "--allow-origin", ["FANTAIL_ALLOW_ORIGIN"], "ORIGIN", "other origin whose pages may connect; * for any",
            isRepeatable: true
        ) {
            (configuration, text) throws(SettingError) in
            configuration.allowedOrigins += try SettingValue.origins(text)
        },
    ]

    /// The location of Redis and the spelling of names there; other commands take these settings, too.
    public static let redis: [Setting<Configuration>] = [
        Setting(
            "--redis", ["FANTAIL_REDIS_URL", "REDIS_URL"], "URL",
            "redis://[user:password@]host[:port][/db], redis://h1,h2 (Cluster), redis-sentinel://h1,h2/NAME, "
                + "unix:///path; rediss: TLS",
            isSecret: true
        ) {
            (configuration, text) throws(SettingError) in
            do { configuration.redisURL = try RedisLocation(parsing: text) } catch { throw SettingError("\(error)") }
        },
        Setting(
            "--redis-pubsub", ["FANTAIL_REDIS_PUBSUB"], "WAY",
            "how events travel in a Redis Cluster: both, sharded or classic; one Redis has one way (both)",
            words: ClusterPubSub.allCases.map(\.rawValue)
        ) {
            (configuration, text) throws(SettingError) in
            configuration.redisPubSub = try SettingValue.word(text)
        },
        Setting(
            "--redis-ca", ["FANTAIL_REDIS_CA"], "FILE",
            "PEM file with the authorities to trust for rediss:// (the system's)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.redisTLS.authorities = try SettingValue.file(text)
        },
        Setting(
            "--redis-cert", ["FANTAIL_REDIS_CERT"], "FILE", "PEM file with a client certificate for rediss:// (none)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.redisTLS.certificate = try SettingValue.file(text)
        },
        Setting("--redis-key", ["FANTAIL_REDIS_KEY"], "FILE", "PEM file with the key of --redis-cert (none)") {
            (configuration, text) throws(SettingError) in configuration.redisTLS.key = try SettingValue.file(text)
        },
        Setting("--sentinel-user", ["FANTAIL_SENTINEL_USER"], "NAME", "user of the Sentinels (none)") {
            $0.sentinelUser = $1
        },
        Setting(
            "--sentinel-password", ["FANTAIL_SENTINEL_PASSWORD"], "TEXT",
            "password of the Sentinels, which is not that of Redis (none)", isSecret: true
        ) {
            $0.sentinelPassword = $1
        },
        Setting("--key-prefix", ["FANTAIL_KEY_PREFIX"], "TEXT", "prefix of every key in Redis (ft)") {
            (configuration, text) throws(SettingError) in
            configuration.naming = try SettingValue.naming(
                keyPrefix: text, channelPrefix: configuration.naming.channelPrefix)
        },
        Setting("--channel-prefix", ["FANTAIL_CHANNEL_PREFIX"], "TEXT", "prefix of every channel in Redis (none)") {
            (configuration, text) throws(SettingError) in
            configuration.naming = try SettingValue.naming(
                keyPrefix: configuration.naming.keyPrefix, channelPrefix: text)
        },
    ].withFiles()

    private static let history: [Setting<Configuration>] = [
        Setting("--history", ["FANTAIL_HISTORY"], "N", "events that Redis keeps of a task (64)") {
            (configuration, text) throws(SettingError) in
            configuration.history.entries = try SettingValue.integer(text, in: 1...10_000)
        },
        Setting(
            "--history-bytes", ["FANTAIL_HISTORY_BYTES"], "SIZE", "bytes of events that Redis keeps of a task (256k)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.history.bytes = try SettingValue.bytes(text, in: 1024...(16 << 20))
        },
        Setting("--task-ttl", ["FANTAIL_TASK_TTL"], "TIME", "time that Redis keeps a task after its last event (7d)") {
            (configuration, text) throws(SettingError) in
            configuration.history.timeToLive = try SettingValue.milliseconds(text, in: 1000...(366 * 86_400_000)) / 1000
        },
    ]

    private static let security: [Setting<Configuration>] = [
        Setting(
            "--dev", ["FANTAIL_DEV"], nil,
            "a development node: accepts demo-token, listens on loopback only, starts a Redis when there is none"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.isDevelopment = try SettingValue.bool(text)
        },
        Setting(
            "--jwt-secret", ["FANTAIL_JWT_SECRET"], "TEXT", "secret of HS256, HS384 and HS512 tokens", isSecret: true
        ) {
            $0.jwtSecret = $1
        },
        Setting(
            "--jwt-public-key", ["FANTAIL_JWT_PUBLIC_KEY"], "PEM",
            "public key of RS256 or ES256 tokens, or a file with it"
        ) {
            $0.jwtPublicKey = $1
        },
        Setting("--jwt-audience", ["FANTAIL_JWT_AUDIENCE"], "TEXT", "audience that the claim aud must contain") {
            $0.jwtAudience = $1
        },
        Setting("--jwt-issuer", ["FANTAIL_JWT_ISSUER"], "TEXT", "issuer that the claim iss must be") {
            $0.jwtIssuer = $1
        },
        Setting(
            "--api-key", ["FANTAIL_API_KEY"], "TEXT",
            "API key, which has every right over REST in the header X-API-Key", isSecret: true
        ) {
            $0.apiKey = $1
        },
        Setting(
            "--upstream", ["FANTAIL_UPSTREAM"], "URL",
            "third party that nodes may ask for a task's status; may be repeated, the first is the default (none)",
            isRepeatable: true
        ) {
            (configuration, text) throws(SettingError) in
            configuration.upstreams += try SettingValue.endpoints(text)
        },
        Setting(
            "--watch", ["FANTAIL_WATCH"], "RULE", "who may watch a task or topic: open, claims or owner (open)",
            words: WatchRule.allCases.map(\.rawValue)
        ) {
            (configuration, text) throws(SettingError) in
            configuration.watch = try SettingValue.word(text)
        },
        Setting(
            "--ws-auth-token", ["FANTAIL_WS_AUTH_TOKEN", "WS_AUTH_TOKEN"], "TEXT",
            "fixed token for clients of jobs and topics", isSecret: true
        ) {
            $0.authToken = $1
        },
    ].withFiles()

    private static let timing: [Setting<Configuration>] = [
        Setting(
            "--ws-heartbeat-interval", ["FANTAIL_WS_HEARTBEAT_INTERVAL", "WS_HEARTBEAT_INTERVAL"], "MS",
            "time between heartbeats (30000)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.heartbeatMilliseconds = try SettingValue.integer(text, in: 100...600_000)
        },
        Setting(
            "--ws-connection-timeout", ["FANTAIL_WS_CONNECTION_TIMEOUT", "WS_CONNECTION_TIMEOUT"], "MS",
            "longest silence of a client, which ends after three heartbeats anyhow, and not before two (600000)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.connectionTimeoutMilliseconds = try SettingValue.integer(text, in: 100...86_400_000)
        },
        Setting(
            "--socketio-ping-interval", ["FANTAIL_SOCKETIO_PING_INTERVAL"], "MS",
            "time between pings to a client of Socket.IO (25000)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.socketIOPingMilliseconds = try SettingValue.integer(text, in: 100...600_000)
        },
        Setting(
            "--socketio-ping-timeout", ["FANTAIL_SOCKETIO_PING_TIMEOUT"], "MS",
            "time that a client of Socket.IO has to answer a ping (20000)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.socketIOPongMilliseconds = try SettingValue.integer(text, in: 100...600_000)
        },
        Setting(
            "--ws-auth-timeout", ["FANTAIL_WS_AUTH_TIMEOUT", "WS_AUTH_TIMEOUT"], "MS",
            "time that a client of tasks has to authenticate (10000)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.authTimeoutMilliseconds = try SettingValue.integer(text, in: 100...600_000)
        },
        Setting("--drain", ["FANTAIL_DRAIN"], "TIME", "time over which a stopping node closes its connections (30s)") {
            (configuration, text) throws(SettingError) in
            configuration.drainMilliseconds = try SettingValue.milliseconds(text, in: 0...3_600_000)
        },
    ]

    private static let repair: [Setting<Configuration>] = [
        Setting(
            "--position-check", ["FANTAIL_POSITION_CHECK"], "TIME", "time between checks for a lost last message (25s)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.positionCheckMilliseconds = try SettingValue.milliseconds(text, in: 100...3_600_000)
        },
        Setting("--probe", ["FANTAIL_PROBE"], "TIME", "time between tests that Redis delivers messages (5s)") {
            (configuration, text) throws(SettingError) in
            configuration.probeMilliseconds = try SettingValue.milliseconds(text, in: 100...600_000)
        },
        Setting(
            "--drop-for-tests", ["FANTAIL_DROP_FOR_TESTS"], "N",
            "messages in a thousand that the node drops, to test repairs; with --dev only", isHidden: true
        ) {
            (configuration, text) throws(SettingError) in
            guard let share = Double(text), (0...1000).contains(share) else {
                throw SettingError("expected a number from 0 to 1000, got '\(text)'")
            }
            configuration.droppedPerThousand = share
        },
    ]

    private static let presence: [Setting<Configuration>] = [
        Setting(
            "--welcome", ["FANTAIL_WELCOME"], "TEXT",
            "text of the first message to a client of presence; {username} is its user's name (Welcome, {username}!)"
        ) {
            (configuration, text) throws(SettingError) in configuration.welcome = try Welcome(text)
        },
        Setting(
            "--presence-heartbeat", ["FANTAIL_PRESENCE_HEARTBEAT"], "TIME", "time between two heartbeats of a loop (2s)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.presence.heartbeatMilliseconds = try SettingValue.milliseconds(text, in: 100...60_000)
        },
        Setting(
            "--presence-lease", ["FANTAIL_PRESENCE_LEASE"], "TIME",
            "time without a heartbeat until a loop counts as dead (6s)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.presence.leaseMilliseconds = try SettingValue.milliseconds(text, in: 300...600_000)
        },
        Setting(
            "--offline-grace", ["FANTAIL_OFFLINE_GRACE"], "TIME", "time until nodes announce that a user has left (3s)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.presence.graceMilliseconds = try SettingValue.milliseconds(text, in: 0...600_000)
        },
        Setting(
            "--broadcast-up-to", ["FANTAIL_BROADCAST_UP_TO"], "N",
            "users online up to which nodes announce who comes, goes and types (2000)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.presence.broadcastUpTo = try SettingValue.integer(text, in: 0...1_000_000)
        },
        Setting(
            "--connections-per-user", ["FANTAIL_CONNECTIONS_PER_USER"], "N",
            "most WebSockets of one user on all nodes together (100; with --dev any number)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.connectionsPerUser = try SettingValue.integer(text, in: 1...1_000_000)
        },
        Setting(
            "--handshakes-per-address", ["FANTAIL_HANDSHAKES_PER_ADDRESS"], "N",
            "most connections of one address without a complete request (256)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.handshakesPerAddress = try SettingValue.integer(text, in: 1...1_000_000)
        },
        Setting(
            "--subscriptions-per-connection", ["FANTAIL_SUBSCRIPTIONS_PER_CONNECTION"], "N",
            "most tasks and topics that one WebSocket may follow (100)"
        ) {
            (configuration, text) throws(SettingError) in
            configuration.subscriptionsPerConnection = try SettingValue.integer(text, in: 1...10_000)
        },
    ]

    private static let logging: [Setting<Configuration>] = [
        Setting(
            "--log", ["FANTAIL_LOG"], "FORM", "form of log lines: text or json (text on a terminal)",
            words: LogFormat.allCases.map(\.rawValue)
        ) {
            (configuration, text) throws(SettingError) in
            configuration.logFormat = try SettingValue.word(text)
        },
        Setting(
            "--log-level", ["FANTAIL_LOG_LEVEL"], "LEVEL",
            "least level of log lines: error, warning, info or debug (info)",
            words: LogLevel.allCases.map(\.rawValue)
        ) {
            (configuration, text) throws(SettingError) in
            configuration.logLevel = try SettingValue.word(text)
        },
    ]
}
