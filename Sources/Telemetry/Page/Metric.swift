/// Every metric of a node: its name, its kind, and its meaning. There are no others.
///
/// Counters begin at 0 with the process. Times are in seconds, sizes in bytes, as is Prometheus' convention.
struct Metric: Sendable {
    enum Kind: String {
        case counter, gauge, histogram
    }

    let name: String
    let kind: Kind
    let help: String

    private init(_ name: String, _ kind: Kind, _ help: String) {
        (self.name, self.kind, self.help) = ("fantail_" + name, kind, help)
    }

    // Of the node as a whole: one sample each.
    static let buildInfo = Metric("build_info", .gauge, "1, with the version and the node's name.")
    static let startTime = Metric("start_time_seconds", .gauge, "When the node started, since 1970.")
    static let ready = Metric("ready", .gauge, "1 while the node should get clients, as /health/ready says.")
    static let unready = Metric("unready", .gauge, "1 for the reason why it should not, 0 for all others.")
    static let certificateExpiry = Metric(
        "certificate_expiry_seconds", .gauge, "When the clients' certificate expires, since 1970; 0 without TLS.")
    static let loops = Metric("loops", .gauge, "Threads with a loop each.")
    static let cpu = Metric("process_cpu_seconds_total", .counter, "Processor time of the process.")
    static let memory = Metric("process_resident_memory_bytes", .gauge, "Resident memory of the process.")

    // Clients.
    static let connections = Metric("connections", .gauge, "Open connections of clients, WebSocket or not.")
    static let connectionLimit = Metric("connections_limit", .gauge, "Connections the node takes.")
    static let accepted = Metric("connections_accepted_total", .counter, "Connections accepted.")
    static let handshakes = Metric("handshakes_pending", .gauge, "Connections without a complete request head.")
    static let sessions = Metric("sessions", .gauge, "Open WebSockets by dialect.")
    static let upgrades = Metric("sessions_opened_total", .counter, "WebSockets opened, by dialect.")
    static let streams = Metric("event_streams", .gauge, "Open streams of server-sent events.")
    static let closes = Metric(
        "closes_total", .counter, "WebSockets closed, by code and by who closed first; 1006: without a close frame.")
    static let slowCloses = Metric("slow_closes_total", .counter, "Viewers closed since they read too slowly.")
    static let refused = Metric("refused_total", .counter, "What clients asked for and were refused, by reason.")
    static let linesSuppressed = Metric(
        "log_lines_suppressed_total", .counter, "Lines about refused clients not written: there were too many.")
    static let linesDropped = Metric(
        "log_lines_dropped_total", .counter, "Log lines not written: nobody read standard error in time.")
    static let responses = Metric("http_responses_total", .counter, "HTTP answers by status.")

    // Events.
    static let subscriptions = Metric("subscriptions", .gauge, "Viewers of tasks and topics, each channel counted.")
    static let channels = Metric("channels", .gauge, "Channels followed, once a loop, personal ones included.")
    static let eventsIn = Metric("events_received_total", .counter, "Messages from Redis, once a loop.")
    static let eventsDropped = Metric("events_dropped_total", .counter, "Messages that were not passed on, by reason.")
    static let deliveries = Metric("deliveries_total", .counter, "Frames queued for viewers by fan-out.")
    static let conflated = Metric("conflated_total", .counter, "Waiting progress replaced by newer, for slow viewers.")
    static let latency = Metric(
        "delivery_latency_seconds", .histogram,
        "From publishing (Redis' clock) to the viewers' outboxes (ours); numbered events only.")
    static let reads = Metric("channel_reads_total", .counter, "Reads of a channel's state or history.")
    static let behind = Metric(
        "positions_behind_total", .counter, "Channels found behind Redis without a sign, and repaired.")
    static let unacknowledged = Metric(
        "acknowledgements_dropped_total", .counter, "Messages of topics sent as often as may be, never acknowledged.")

    // Bytes.
    static let bytesIn = Metric("received_bytes_total", .counter, "Bytes from clients.")
    static let bytesOut = Metric("sent_bytes_total", .counter, "Bytes to clients.")
    static let flushes = Metric(
        "flush_bytes", .histogram, "Bytes that the kernel took at once, of all that waited for one client.")

    // Redis.
    static let redisUp = Metric("redis_connected", .gauge, "Loops whose connection to Redis stands, by connection.")
    static let redisConnects = Metric("redis_connects_total", .counter, "Connections made to Redis, first ones too.")
    static let redisLosses = Metric("redis_losses_total", .counter, "Connections to Redis that were lost.")
    static let redisShardsAway = Metric(
        "redis_shards_away", .gauge,
        "Masters of a Redis Cluster that a loop cannot ask, and 1 more where slots have no master.")
    static let redisPending = Metric("redis_pending_commands", .gauge, "Commands that wait for Redis.")
    static let redisLatency = Metric("redis_command_seconds", .histogram, "From a command to its reply.")
    static let probesFailing = Metric("redis_probes_failing", .gauge, "Loops to which Redis delivers nothing.")

    // Third parties.
    static let upstreamRequests = Metric("upstream_requests_total", .counter, "Third parties asked how a task stands.")
    static let upstreamFailures = Metric(
        "upstream_failures_total", .counter, "Third parties that gave no usable answer, or may not be asked.")
    static let upstreamRefused = Metric(
        "upstream_refused_total", .counter, "Requests answered from the store: too many were being asked."
    )

    // Presence in the whole cluster, by the last heartbeat of this node.
    static let usersOnline = Metric("presence_users_online", .gauge, "Users online in the whole cluster.")
    static let clusterConnections = Metric("presence_connections", .gauge, "WebSockets in the whole cluster.")
    static let leasesLost = Metric("presence_leases_lost_total", .counter, "Loops that had to be counted anew.")
    static let registered = Metric("presence_registered_loops", .gauge, "Loops whose lease Redis holds.")
}
