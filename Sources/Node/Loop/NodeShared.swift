import Synchronization
import UpstreamClient

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
    /// Loops to which Redis delivers nothing.
    let failingProbes = Atomic<Int>(0)
    /// Loops that Redis does not do what they need for.
    let troubledLoops = Mutex(TroubledLoops())
    /// Every loop of the node.
    let loops = Mutex<[NodeLoop]>([])
    /// Set once, when the node begins to stop.
    let isDraining = Atomic<Bool>(false)

    init(configuration: Configuration, limits: NodeLimits, authenticator: Authenticator, log: Log) {
        self.configuration = configuration
        self.limits = limits
        self.authenticator = authenticator
        self.log = log
        upstream = configuration.upstreams.isEmpty ? nil : UpstreamClient(limits: limits.upstream)
        origins = OriginPolicy(allowed: configuration.allowedOrigins, isDevelopment: configuration.isDevelopment)
    }

    var draining: Bool { isDraining.load(ordering: .relaxed) }
}
