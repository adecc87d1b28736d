import HTTPClient
import Threads

/// The process on a port that a node needs.
enum PortHolder: Equatable, CustomStringConvertible {
    /// A node that is stopping: it keeps its port until its clients have gone.
    case drainingNode
    /// A node that is not stopping.
    case node
    case other

    var description: String {
        switch self {
        case .drainingNode: "another Fantail node, which is stopping"
        case .node: "another Fantail node"
        case .other: "another program"
        }
    }

    /// How long the process may take to answer, in milliseconds: a node on this machine takes one.
    private static let patienceMilliseconds = 1_000

    /// Identifies the process on `port`.
    static func ask(hosts: [String], port: Int) -> PortHolder {
        var limits = UpstreamLimits()
        limits.timeoutMilliseconds = patienceMilliseconds
        // The request holds no secret, and any process that answers has the port: certificates do not matter.
        let client = UpstreamClient(limits: limits, checksCertificates: false)
        defer { client.close() }
        for host in hosts.flatMap(reached) {
            guard let plain = answer(of: client, "http://\(host):\(port)") else { continue }
            guard plain == .other, let secure = answer(of: client, "https://\(host):\(port)") else { return plain }
            return secure
        }
        return .other
    }

    /// The process that answers at `url`; nil for no answer.
    private static func answer(of client: UpstreamClient, _ url: String) -> PortHolder? {
        // A request that needs a login: without one a node answers 401, and a stopping node 503.
        let outcome = Blocking.wait {
            await withCheckedContinuation { continuation in
                client.get("\(url)/api/v1/online/count", authorization: "") { continuation.resume(returning: $0) }
            }
        }
        guard case .answered(let status, let body) = outcome else { return nil }
        return PortHolder(status: status, body: body)
    }

    /// The process that gives this answer.
    init(status: Int, body: [UInt8]) {
        let text = String(decoding: body, as: UTF8.self)
        switch status {
        case 503 where text.hasPrefix(#"{"error":{"code":"DRAINING""#): self = .drainingNode
        case 401 where text.hasPrefix(#"{"error":{"code":"UNAUTHORIZED""#): self = .node
        default: self = .other
        }
    }

    /// The host parts of URLs that reach a process listening at `host`.
    static func reached(_ host: String) -> [String] {
        switch host {
        case "::": ["127.0.0.1", "[::1]"]
        case "0.0.0.0": ["127.0.0.1"]
        default: [host.contains(":") ? "[\(host)]" : host]
        }
    }
}
