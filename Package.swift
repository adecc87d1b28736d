// swift-tools-version: 6.2
import PackageDescription

// The layers, top to bottom; an arrow may only point down. CONTRIBUTING.md says what belongs where.
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
                "Node", "Development", "Redis", "RESP", "EventLoop", "HTTPClient", "Progress", "Tasks", "Dialects",
                "Events", "WebSocket",
                "HTTP", "Token", "JSON", "Base", "Threads",
            ]),
        .executableTarget(
            name: "FantailBench",
            dependencies: [
                "Redis", "RESP", "EventLoop", "WebSocket", "HTTP", "JSON", "Base", "CEpoll", "CBareLoop",
            ]),
        .target(name: "CBareLoop"),  // what FantailBench measures a node against

        // Composition: one connection end to end, REST, metrics, configuration, lifecycle.
        .target(
            name: "Node",
            dependencies: [
                "Redis", "RESP", "EventLoop", "HTTPClient", "Hub", "Presence", "Tasks", "Dialects", "Events",
                "WebSocket",
                "Web", "HTTP", "Token", "JSON", "Base", "Development", "Threads",
            ]),
        // The Redis that development nodes of one machine share, the secret of their tokens, who holds a port.
        .target(name: "Development", dependencies: ["HTTPClient", "Threads"]),

        // The only targets that touch sockets; the last one through libcurl: third parties for a node, nodes for the
        // command.
        .target(name: "Redis", dependencies: ["RESP", "EventLoop", "Base"]),
        .target(name: "EventLoop", dependencies: ["TLS", "Base", "Threads", "CLibuv"]),
        .target(name: "HTTPClient", dependencies: ["Threads", "CCurl"]),

        // Pure: bytes and values in, bytes and actions out.
        .target(name: "Hub", dependencies: ["Dialects", "Events", "WebSocket", "Base"]),
        .target(name: "Presence"),
        .target(name: "Tasks", dependencies: ["Events", "RESP", "JSON", "Base"]),
        .target(name: "RESP", dependencies: ["Base", "CHiredis"]),
        .target(name: "Dialects", dependencies: ["Events", "JSON", "Base"]),
        .target(name: "Events", dependencies: ["JSON", "Base"]),
        .target(name: "WebSocket", dependencies: ["HTTP", "Base", "COpenSSL", "CZlib"]),
        .target(name: "TLS", dependencies: ["CTLS"]),
        .target(name: "Web", dependencies: ["HTTP", "CWebFiles"]),
        .target(name: "CWebFiles", exclude: ["files"]),  // what browsers load, as bytes
        .target(name: "HTTP", dependencies: ["Base"]),
        .target(name: "Token", dependencies: ["JSON", "CJWT"]),
        .target(name: "Progress"),
        .target(name: "JSON", dependencies: ["CSimdjson"]),
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
        .target(  // the example messages of the interface documents
            name: "Examples", dependencies: ["Dialects", "JSON"], path: "Tests/Examples", exclude: ["messages.json"]),
        .executableTarget(  // what fan-out allocates; its own program, since malloc is another there
            name: "Allocations", dependencies: ["Hub", "Dialects", "Events", "Base", "CAllocations", "Examples"],
            path: "Tests/Allocations"),
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        .testTarget(name: "BaseTests", dependencies: ["Base"]),
        .testTarget(name: "JSONTests", dependencies: ["JSON"]),
        .testTarget(name: "TokenTests", dependencies: ["Token", "JSON"]),
        .testTarget(name: "TLSTests", dependencies: ["TLS", "Cuttings", "CertificateFixture"]),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "Base", "Cuttings"]),
        .testTarget(name: "WebSocketTests", dependencies: ["WebSocket", "HTTP", "Base", "Cuttings"]),
        .testTarget(name: "DialectsTests", dependencies: ["Dialects", "Events", "JSON", "Base", "Examples"]),
        .testTarget(
            name: "TasksTests",
            dependencies: ["Tasks", "Dialects", "Events", "JSON", "Base", "RedisFixture", "Examples"]),
        .testTarget(name: "HubTests", dependencies: ["Hub", "Dialects", "Events", "WebSocket", "Base", "Examples"]),
        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop", "TLS", "Base", "CertificateFixture"]),
        .testTarget(name: "RedisTests", dependencies: ["Redis", "RESP", "EventLoop", "Base", "RedisFixture"]),
        .testTarget(name: "PresenceTests", dependencies: ["Presence", "RedisFixture"]),
        .testTarget(name: "HTTPClientTests", dependencies: ["HTTPClient"]),
        .testTarget(
            name: "ProgressTests", dependencies: ["Progress", "Cuttings"], resources: [.copy("Recorded")]),
        .testTarget(name: "DevelopmentTests", dependencies: ["Development"]),
        .testTarget(
            name: "NodeTests",
            dependencies: ["Node", "Redis", "RESP", "Presence", "Tasks", "Dialects", "Events", "EventLoop", "HTTP"]),
    ],
    cxxLanguageStandard: .cxx17
)

// The fuzzers have libFuzzer's `main`, so they are built by ops/fuzz only, with their sanitizers.
if Context.environment["FANTAIL_BUILD_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "HTTP", "WebSocket", "JSON", "Tasks", "Dialects", "Events", "Redis", "RESP", "Token", "Base", "Hub",
                "Progress", "Cuttings", "Examples",
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
    var isC: Bool { ["CSimdjson", "CWebFiles", "CAllocations", "CBareLoop"].contains(name) }
}
