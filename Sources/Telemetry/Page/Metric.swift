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
    static let buildInfo = Metric("build_info", .gauge, "Always 1; its labels are the version and the node's name.")
    static let startTime = Metric("start_time_seconds", .gauge, "The start of the node, in seconds since 1970.")
    static let ready = Metric("ready", .gauge, "1 while the node is ready for clients, as in /health/ready.")
    static let unready = Metric(
        "unready", .gauge, "1 for the reason why the node is not ready, 0 for all other reasons.")
    static let certificateExpiry = Metric(
        "certificate_expiry_seconds", .gauge,
        "When the certificate of the clients' port expires, in seconds since 1970; 0 without TLS.")
    static let loops = Metric("loops", .gauge, "Threads, each with an event loop.")
    static let cpu = Metric("process_cpu_seconds_total", .counter, "Processor time of the process.")
    static let memory = Metric("process_resident_memory_bytes", .gauge, "Resident memory of the process.")

    // Clients.
    static let connections = Metric("connections", .gauge, "Open connections of clients, WebSocket or not.")
    static let connectionLimit = Metric("connections_limit", .gauge, "Connections that the node can accept in all.")
    static let accepted = Metric("connections_accepted_total", .counter, "Connections accepted.")
    static let handshakes = Metric("handshakes_pending", .gauge, "Connections without a complete request head.")
    static let sessions = Metric("sessions", .gauge, "Open WebSockets by dialect.")
    static let upgrades = Metric("sessions_opened_total", .counter, "WebSockets opened, by dialect.")
    static let streams = Metric("event_streams", .gauge, "Open streams of server-sent events.")
    static let closes = Metric(
        "closes_total", .counter,
        "Closed WebSockets, by close code and by the side that closed first; 1006: without a close frame.")
    static let slowCloses = Metric(
        "slow_closes_total", .counter, "Viewers that the node closed because they read too slowly.")
    static let refused = Metric(
        "refused_total", .counter, "Refused connections, requests and messages of clients, by reason.")
    static let linesSuppressed = Metric(
        "log_lines_suppressed_total", .counter,
        "Log lines about clients that the node left out because there were too many.")
    static let linesDropped = Metric(
        "log_lines_dropped_total", .counter,
        "Log lines that the node dropped because nobody read standard error in time.")
    static let responses = Metric("http_responses_total", .counter, "HTTP answers by status.")

    // Events.
    static let subscriptions = Metric(
        "subscriptions", .gauge, "Viewers of tasks and topics; a viewer counts once for each channel.")
    static let channels = Metric(
        "channels", .gauge, "Channels that loops follow, with those of users; a channel counts once for each loop.")
    static let eventsIn = Metric(
        "events_received_total", .counter, "Messages from Redis; a message counts once for each loop.")
    static let eventsDropped = Metric(
        "events_dropped_total", .counter, "Messages from Redis that the node dropped, by reason.")
    static let deliveries = Metric("deliveries_total", .counter, "Frames queued for viewers by fan-out.")
    static let conflated = Metric(
        "conflated_total", .counter, "Progress events replaced by newer ones in the outboxes of slow viewers.")
    static let latency = Metric(
        "delivery_latency_seconds", .histogram,
        "Time from publishing (Redis' clock) to the viewers' outboxes (the node's clock); numbered events only.")
    static let reads = Metric("channel_reads_total", .counter, "Reads of a channel's state or history.")
    static let behind = Metric(
        "positions_behind_total", .counter,
        "Channels that were behind Redis unnoticed, until a check found and repaired them.")
    static let unacknowledged = Metric(
        "acknowledgements_dropped_total", .counter,
        "Messages of topics that a client never acknowledged, after the last attempt.")

    // Bytes.
    static let bytesIn = Metric("received_bytes_total", .counter, "Bytes from clients.")
    static let bytesOut = Metric("sent_bytes_total", .counter, "Bytes to clients.")
    static let flushes = Metric(
        "flush_bytes", .histogram,
        "Bytes that the kernel accepted at the first attempt, out of all that waited for a client.")

    // Redis.
    static let redisUp = Metric("redis_connected", .gauge, "Loops that are connected to Redis, by connection.")
    static let redisConnects = Metric(
        "redis_connects_total", .counter, "Established connections to Redis, the first ones included.")
    static let redisLosses = Metric("redis_losses_total", .counter, "Lost connections to Redis.")
    static let redisShardsAway = Metric(
        "redis_shards_away", .gauge,
        "1 for each master of a Redis Cluster that a loop cannot reach, and for slots without a master; else only a 0.")
    static let redisPending = Metric("redis_pending_commands", .gauge, "Commands that wait for a reply of Redis.")
    static let redisLatency = Metric("redis_command_seconds", .histogram, "Time from a command to its reply.")
    static let probesFailing = Metric("redis_probes_failing", .gauge, "Loops to which Redis delivers no messages.")

    // Third parties.
    static let upstreamRequests = Metric(
        "upstream_requests_total", .counter, "Requests to third parties for the status of a task.")
    static let upstreamFailures = Metric(
        "upstream_failures_total", .counter, "Requests to third parties without a usable answer, or not allowed.")
    static let upstreamRefused = Metric(
        "upstream_refused_total", .counter,
        "Status requests answered from Redis because too many requests to third parties were in progress."
    )

    // Presence in the whole cluster, by the last heartbeat of this node.
    static let usersOnline = Metric("presence_users_online", .gauge, "Users online on all nodes.")
    static let clusterConnections = Metric("presence_connections", .gauge, "WebSockets on all nodes.")
    static let leasesLost = Metric(
        "presence_leases_lost_total", .counter, "Registrations of loops that had lost their lease.")
    static let registered = Metric("presence_registered_loops", .gauge, "Loops with a lease in Redis.")
}
