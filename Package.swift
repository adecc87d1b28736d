// swift-tools-version: 6.2
import PackageDescription

// The Lua files beside the Swift of Store; CStoreScripts embeds them.
let scripts = [
    "Acknowledgements/AddAcknowledgementScript", "Acknowledgements/AttemptAcknowledgementScript",
    "Acknowledgements/RemoveAcknowledgementScript", "Acknowledgements/TakeOverAcknowledgementsScript",
    "Inquiries/BeginInquiryScript", "Inquiries/DelayDueScript", "Inquiries/DropDueScript", "Inquiries/EnterDueScript",
    "Inquiries/KeepSecretsScript", "Inquiries/RegistrationScript", "Inquiries/SettleInquiryScript",
    "Inquiries/TakeDueScript", "Presence/DescribeLoopsScript", "Presence/DisconnectScript",
    "Presence/HeartbeatScript", "Presence/HoldRoomScript", "Presence/ListLoopsScript", "Presence/ListUsersScript",
    "Presence/Presence", "Presence/ReapScript", "Presence/RegisterLoopScript", "Presence/SetStatusesScript",
    "Presence/StoredUsersScript", "Presence/TickScript", "Presence/UserStatusScript", "Presence/WriteCountsScript",
    "Presence/WriteViewersScript", "Rights/RightsScript", "Tasks/Counting", "Tasks/Epoch", "Tasks/EpochScript",
    "Tasks/EventJSON", "Tasks/NotificationScript", "Tasks/Once", "Tasks/PublishArguments", "Tasks/PublishFunction",
    "Tasks/PublishScript", "Tasks/Publishing", "Tasks/ReadScript", "Tasks/Rights", "Tasks/Writers",
    "TaskList/KeepListScript", "TaskList/ListTaskScript", "TaskList/TaskPageScript", "TaskList/UnlistTaskScript",
]

// The layers, top to bottom, and the rooms in each, in the order of CONTRIBUTING.md, which says what belongs where; an
// arrow may only point down.
let package = Package(
    name: "fantail",
    products: [
        .executable(name: "fantail", targets: ["fantail"]),
        .executable(name: "FantailBench", targets: ["FantailBench"]),
    ],
    targets: [
        // Programs.
        .executableTarget(
            name: "fantail",
            dependencies: [
                "Bench", "Run", "Watch", "Terminal", "Node", "Starting", "Development", "Direct", "Settings",
                "Topology", "Redis", "RESP", "Dialects", "Events", "Token", "JSON", "Base", "Threads",
            ]),
        .target(  // `fantail run`
            name: "Run",
            dependencies: [
                "Terminal", "Node", "Direct", "HTTPClient", "EventLoop", "Progress", "Dialects", "Events", "JSON",
                "Base",
                "Threads",
            ]),
        .target(  // `fantail watch`
            name: "Watch",
            dependencies: [
                "Terminal", "Node", "HTTPClient", "Progress", "Dialects", "Events", "HTTP", "JSON", "Base",
            ]),
        .target(  // `fantail bench`
            name: "Bench",
            dependencies: [
                "Terminal", "Node", "EventLoop", "WebSocket", "TLS", "HTTP", "Token", "JSON", "Base", "Threads",
            ]),
        .target(  // what the commands have in common: help, settings, output, and which nodes they ask
            name: "Terminal",
            dependencies: [
                "Node", "Development", "Settings", "RESP", "HTTPClient", "Progress", "Events", "Token", "JSON", "Base",
                "Threads",
            ]),
        .executableTarget(
            name: "FantailBench",
            dependencies: [
                "RESP", "EventLoop", "WebSocket", "TLS", "HTTP", "JSON", "Base", "CEpoll", "CBareLoop",
            ]),
        .target(name: "CBareLoop"),  // what FantailBench measures a node against

        // Composition: one connection end to end, REST, metrics, configuration, lifecycle.
        .target(
            name: "Node",
            dependencies: [
                "Starting", "Development", "Serving", "Sessions", "Connections", "REST", "Asking",
                "Listing", "Following", "Online", "Standing", "Telemetry", "Settings", "Access", "Topology", "Redis",
                "RESP", "EventLoop", "HTTPClient",
                "Hub",
                "Store",
                "Events", "TLS", "HTTP", "Token", "Base", "Threads",
            ]),
        .target(  // what must hold before a node starts, and where it finds its port and its Redis
            name: "Starting",
            dependencies: [
                "Development", "Standing", "Telemetry", "Settings", "Access", "Topology", "Redis", "RESP",
                "EventLoop",
                "HTTPClient", "Store", "TLS", "Token", "Base", "Threads",
            ]),
        // The Redis that development nodes of one machine share, the secret of their tokens, who holds a port.
        .target(
            name: "Development", dependencies: ["Topology", "Redis", "RESP", "EventLoop", "Store"]),
        .target(  // the command without a node: publish, online
            name: "Direct",
            dependencies: ["Settings", "Topology", "Redis", "RESP", "EventLoop", "Store", "Events", "JSON"]),
        .target(  // requests over a client's connection, until it becomes a WebSocket or an event stream
            name: "Serving",
            dependencies: [
                "REST", "Sessions", "Connections", "Telemetry", "Settings", "Access", "EventLoop", "Dialects",
                "SocketIO", "WebSocket", "HTTP", "Base",
            ]),
        .target(  // what requests are answered: a table of routes
            name: "REST",
            dependencies: [
                "Standing", "Telemetry", "Settings", "Access", "Redis", "RESP", "Store", "Dialects", "Events", "Web",
                "WebSocket", "HTTP", "JSON",
            ]),
        .target(  // who keeps the list of tasks, and what it writes there
            name: "Listing",
            dependencies: [
                "Asking", "Following", "Telemetry", "Settings", "Redis", "RESP", "EventLoop", "Store", "Events",
            ]),
        .target(  // when third parties are asked how tasks stand
            name: "Asking",
            dependencies: [
                "Following", "Telemetry", "Settings", "Redis", "RESP", "EventLoop", "HTTPClient", "Store", "Events",
                "JSON",
                "Base",
            ]),
        .target(  // what is said over WebSockets and event streams
            name: "Sessions",
            dependencies: [
                "Connections", "Following", "Online", "Telemetry", "Settings", "Access", "Redis", "RESP", "EventLoop",
                "Hub", "Store", "Dialects", "Events", "SocketIO", "WebSocket", "HTTP", "Token", "JSON", "Base",
            ]),
        .target(  // the clients' sockets of one loop: taken, kept alive, written to, ended
            name: "Connections",
            dependencies: [
                "Following", "Telemetry", "Settings", "Access", "EventLoop", "Hub", "Dialects", "Events", "SocketIO",
                "WebSocket", "TLS", "HTTP", "Base",
            ]),
        .target(  // who is online: leases of loops, their users and viewers, what dead loops have left
            name: "Online",
            dependencies: [
                "Telemetry", "Redis", "RESP", "EventLoop", "Hub", "Store", "Dialects", "Events", "Base",
            ]),
        .target(  // who follows which channel: events from Redis to the hub
            name: "Following",
            dependencies: [
                "Telemetry", "Settings", "Redis", "RESP", "EventLoop", "Hub", "Store", "Dialects", "Events",
                "SocketIO", "WebSocket", "JSON", "Base",
            ]),
        .target(  // whether Redis does what a node needs: its rights, writes, the workers' Function
            name: "Standing",
            dependencies: [
                "Telemetry", "Redis", "RESP", "EventLoop", "Store", "Events", "Threads",
            ]),
        .target(  // the log, what is counted, and the page of metrics
            name: "Telemetry",
            dependencies: [
                "Settings", "Access", "Hub", "Dialects", "Events", "WebSocket", "JSON", "Base", "Threads",
            ]),

        // The only targets that touch sockets, one of them through libcurl: third parties for a node, nodes for the command.
        // One Redis, the master that Sentinels name, or a cluster: the bus of each.
        .target(name: "Topology", dependencies: ["Redis", "Cluster", "Sentinels", "RESP", "EventLoop", "Base"]),
        .target(name: "Redis", dependencies: ["RESP", "EventLoop", "TLS", "Base"]),
        .target(name: "HTTPClient", dependencies: ["Threads", "CCurl"]),
        .target(name: "EventLoop", dependencies: ["TLS", "Base", "Threads", "CLibuv"]),

        // Pure: bytes and values in, bytes and actions out.
        .target(
            name: "Settings", dependencies: ["Access", "Store", "Hub", "RESP", "WebSocket", "HTTP"]),
        .target(name: "Access", dependencies: ["Events", "Token", "HTTP", "Base"]),
        .target(name: "Hub", dependencies: ["Dialects", "Events", "JSON", "Base"]),
        .target(
            name: "Store", dependencies: ["Events", "RESP", "JSON", "Base", "CStoreScripts"],
            exclude: scripts.map { $0 + ".lua" }),
        .target(name: "CStoreScripts"),  // what Redis runs: the Lua files of Store, as bytes
        .target(name: "Cluster", dependencies: ["RESP"]),  // which Redis of a cluster is asked, and when another
        .target(name: "Sentinels", dependencies: ["RESP"]),
        .target(name: "SocketIO", dependencies: ["JSON"]),  // the packets of Socket.IO, and a session's way of travel
        .target(name: "RESP", dependencies: ["Base", "CHiredis"]),
        .target(name: "Dialects", dependencies: ["Events", "JSON", "Base"]),
        .target(name: "Events", dependencies: ["JSON", "Base"]),
        .target(name: "Progress", dependencies: ["Base"]),
        .target(name: "TLS", dependencies: ["CTLS"]),
        .target(name: "Web", dependencies: ["HTTP", "Base", "CWebFiles"]),
        .target(name: "CWebFiles", exclude: ["files"]),  // what browsers load, as bytes
        .target(name: "WebSocket", dependencies: ["HTTP", "Base", "COpenSSL", "CZlib"]),
        .target(name: "HTTP", dependencies: ["Base"]),
        .target(name: "Token", dependencies: ["JSON", "CJWT"]),
        .target(name: "JSON", dependencies: ["Base", "CSimdjson"]),
        .target(name: "Base"),
        .target(name: "Threads"),  // what threads share

        // Debian's libraries; each is imported by one target. No pkgConfig where its flags are none SwiftPM takes
        // (-D_FILE_OFFSET_BITS): the headers are on the default path.
        .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
        .systemLibrary(name: "CLibuv", providers: [.apt(["libuv1-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CTLS", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CEpoll"),  // libc's, which Swift's Glibc leaves out
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CJWT", pkgConfig: "libjwt", providers: [.apt(["libjwt-dev"])]),

        // Tests of one target each, and the whole through Tests/EndToEnd (pytest).
        .target(name: "Cuttings", path: "Tests/Cuttings"),  // the ways to drip-feed a decoder
        .target(name: "RedisFixture", path: "Tests/RedisFixture"),  // a redis-server of a test's own
        .target(name: "CertificateFixture", path: "Tests/CertificateFixture"),  // certificates of a test's own
        .target(  // the example messages of the interface documents, and the rules of events
            name: "Examples", dependencies: ["Dialects", "Events", "JSON"], path: "Tests/Examples",
            exclude: ["messages.json", "events.json"]),
        .executableTarget(  // what fan-out allocates; its own program, since malloc is another there
            name: "Allocations", dependencies: ["Hub", "Dialects", "Events", "Base", "CAllocations", "Examples"],
            path: "Tests/Allocations"),
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        .testTarget(name: "NodeTests", dependencies: ["Node", "REST", "Standing", "RESP", "EventLoop"]),
        .testTarget(name: "StartingTests", dependencies: ["Starting", "Settings", "Redis"]),
        .testTarget(name: "DevelopmentTests", dependencies: ["Development"]),
        .testTarget(name: "DirectTests", dependencies: ["Direct", "RESP"]),
        .testTarget(
            name: "ServingTests",
            dependencies: ["Serving", "REST", "Access", "Dialects", "WebSocket", "HTTP"]),
        .testTarget(
            name: "RESTTests",
            dependencies: [
                "REST", "Settings", "Access", "Topology", "Redis", "RESP", "EventLoop", "Store", "Events", "Web", "HTTP",
                "Token", "JSON",
            ]),
        .testTarget(
            name: "AskingTests", dependencies: ["Asking", "Settings", "HTTPClient", "Store", "Events", "JSON"]),
        .testTarget(name: "ListingTests", dependencies: ["Listing", "Settings", "Store", "RESP", "Events"]),
        .testTarget(
            name: "SessionsTests", dependencies: ["Sessions", "Telemetry", "Store", "Events", "WebSocket"]),
        .testTarget(name: "ConnectionsTests", dependencies: ["Connections", "Telemetry"]),
        .testTarget(
            name: "OnlineTests",
            dependencies: ["Online", "Redis", "RESP", "EventLoop", "Store", "Dialects", "Events"]),
        .testTarget(
            name: "FollowingTests",
            dependencies: [
                "Following", "Telemetry", "Settings", "Redis", "RESP", "Hub", "Store", "Dialects", "Events", "JSON",
                "Examples",
            ]),
        .testTarget(name: "StandingTests", dependencies: ["Standing", "Store", "RESP", "Events", "Redis"]),
        .testTarget(name: "TelemetryTests", dependencies: ["Telemetry", "Settings", "Dialects", "Hub", "WebSocket"]),
        .testTarget(
            name: "RedisTests",
            dependencies: ["Topology", "Redis", "Cluster", "RESP", "EventLoop", "Base", "RedisFixture"]),
        .testTarget(name: "HTTPClientTests", dependencies: ["HTTPClient"]),
        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop", "TLS", "CTLS", "Base", "CertificateFixture"]),
        .testTarget(name: "SettingsTests", dependencies: ["Settings", "Store", "RESP"]),
        .testTarget(name: "AccessTests", dependencies: ["Access", "Events", "Token", "HTTP", "Base"]),
        .testTarget(
            name: "HubTests", dependencies: ["Hub", "Dialects", "Events", "JSON", "Base", "Examples"]),
        .testTarget(
            name: "StoreTests",
            dependencies: ["Store", "RESP", "Dialects", "Events", "JSON", "RedisFixture", "Examples"]),
        .testTarget(name: "ClusterTests", dependencies: ["Cluster", "RESP"]),
        .testTarget(name: "SocketIOTests", dependencies: ["SocketIO", "JSON", "Examples"]),
        .testTarget(name: "SentinelsTests", dependencies: ["Sentinels", "RESP"]),
        .testTarget(name: "DialectsTests", dependencies: ["Dialects", "Events", "JSON", "Examples"]),
        .testTarget(name: "EventsTests", dependencies: ["Events", "JSON", "Examples"]),
        .testTarget(
            name: "ProgressTests", dependencies: ["Progress", "Cuttings"], resources: [.copy("Recorded")]),
        .testTarget(name: "TLSTests", dependencies: ["TLS", "CTLS", "Cuttings", "CertificateFixture"]),
        .testTarget(name: "WebSocketTests", dependencies: ["WebSocket", "HTTP", "Base", "Cuttings"]),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "Cuttings"]),
        .testTarget(name: "TokenTests", dependencies: ["Token", "JSON"]),
        .testTarget(name: "JSONTests", dependencies: ["JSON"]),
        .testTarget(name: "BaseTests", dependencies: ["Base"]),
    ],
    cxxLanguageStandard: .cxx17
)

// The fuzzers have libFuzzer's `main`, so they are built by ops/fuzz only, with their sanitizers.
if Context.environment["FANTAIL_BUILD_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "HTTP", "WebSocket", "JSON", "Store", "Dialects", "Events", "Redis", "RESP", "Token", "Base", "Hub",
                "Progress", "SocketIO", "Cuttings", "Examples",
            ],
            path: "Tests/Fuzz"))
}

for target in package.targets where target.type != .system && !target.isC {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),  // SE-0335
        .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409: no C type leaks into an API
        .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    ]
}

extension Target {
    /// Whether it is written in C or C++.
    var isC: Bool { ["CSimdjson", "CWebFiles", "CStoreScripts", "CAllocations", "CBareLoop"].contains(name) }
}
