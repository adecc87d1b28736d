import Access
import Synchronization
import HTTPClient

/// What the loops of a node have in common: settings that never change, and three numbers.
final class NodeShared: Sendable {
    let configuration: Configuration
    let limits: NodeLimits
    let authenticator: Authenticator
    let origins: OriginPolicy
    let log: Log
    /// Who asks third parties; nil where there are none.
    let upstream: UpstreamClient?
    /// When the node started, milliseconds since 1970.
    let startedAt = WallClock.now
    /// Connections of all loops, counted before they are accepted, so that the bound is the node's.
    let connectionCount = Atomic<Int>(0)
    /// Bytes of all requests' bodies that are held, on all loops.
    let bodyBytes = Atomic<Int>(0)
    /// Connections of all loops without a complete request head, by client.
    let handshakes = Mutex<[ClientBlock: Int]>([:])
    /// Loops to which Redis delivers nothing.
    let failingProbes = Atomic<Int>(0)
    /// Loops that Redis does not do what they need for.
    let troubledLoops = TroubledLoops()
    /// Every loop of the node.
    let loops = Mutex<[NodeLoop]>([])
    /// Set once, when the node begins to stop.
    let isDraining = Atomic<Bool>(false)

    init(configuration: Configuration, limits: NodeLimits, authenticator: Authenticator, log: Log) {
        self.configuration = configuration
        self.limits = limits
        self.authenticator = authenticator
        self.log = log
        upstream = configuration.upstreams.isEmpty ? nil : UpstreamClient()
        origins = OriginPolicy(allowed: configuration.allowedOrigins, isDevelopment: configuration.isDevelopment)
    }

    /// A client of which nothing is heard for longer is gone: one of WebSockets by its messages and pongs, any other by its
    /// kernel's acknowledgements.
    var silenceMilliseconds: UInt64 {
        min(UInt64(configuration.heartbeatMilliseconds) * 3, limits.silenceMilliseconds)
    }

    var draining: Bool { isDraining.load(ordering: .relaxed) }
}

extension NodeShared {
    /// Counts a connection of the client that has nothing said yet; answers how many it has on all loops.
    func holdHandshake(of block: ClientBlock) -> Int {
        handshakes.withLock { counts in
            counts[block, default: 0] += 1
            return counts[block] ?? 0
        }
    }

    /// It has said something, or ended.
    func endHandshake(of block: ClientBlock) {
        handshakes.withLock { counts in
            let left = (counts[block] ?? 1) - 1
            counts[block] = left > 0 ? left : nil
        }
    }
}
