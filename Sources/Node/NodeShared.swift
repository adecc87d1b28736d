import Settings
import Connections
import Standing
import Telemetry
import Access
import Synchronization
import TLS
import HTTPClient

/// The state that the loops of a node share: settings that never change, and three numbers.
final class NodeShared: Sendable {
    let configuration: Configuration
    let limits: NodeLimits
    let authenticator: Authenticator
    let origins: OriginPolicy
    let log: Log
    /// The clients' certificate; nil for a node without TLS.
    let certificate: ServerCertificate?
    /// Asks third parties; nil where no third parties are configured.
    let upstream: UpstreamClient?
    /// When the node started, milliseconds since 1970.
    let startedAt = WallClock.now
    /// The loops' shared counts of the node's clients.
    let clients = NodeClients()
    /// Loops that do not hear their own probes.
    let failingProbes = Atomic<Int>(0)
    /// Loops whose needs Redis does not meet.
    let troubledLoops = TroubledLoops()
    /// Every loop of the node.
    let loops = Mutex<[NodeLoop]>([])
    var everyLoop: [NodeLoop] { loops.withLock { $0 } }

    init(
        configuration: Configuration, limits: NodeLimits, authenticator: Authenticator, certificate: ServerCertificate?,
        log: Log
    ) {
        self.configuration = configuration
        self.certificate = certificate
        self.limits = limits
        self.authenticator = authenticator
        self.log = log
        upstream = configuration.upstreams.isEmpty ? nil : UpstreamClient()
        origins = OriginPolicy(allowed: configuration.allowedOrigins, isDevelopment: configuration.isDevelopment)
    }
}
