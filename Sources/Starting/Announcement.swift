package import Settings
package import Telemetry
import Token

/// The first log lines of a serving node: its addresses, and in development its token.
package struct Announcement {
    private let configuration: Configuration
    private let port: UInt16

    /// For a node that serves clients at `port`.
    package init(_ configuration: Configuration, port: UInt16) {
        self.configuration = configuration
        self.port = port
    }

    /// Writes the lines. `redis` is the location of Redis, `connections` the node's bound.
    package func write(redis: String, loops: Int, connections: Int, to log: Log) {
        let host = StartRules.announcedHost(configuration)
        let secure = configuration.certificate == nil ? "" : "s"
        log.info(
            "serving HTTP and WebSocket",
            [
                "http": "http\(secure)://\(host):\(port)", "websocket": "ws\(secure)://\(host):\(port)/ws",
                "redis": .text(redis),
                "loops": .number(loops), "connections": .number(connections),
            ])
        if let port = configuration.internalPort {
            log.info("serving metrics, health and the list of nodes", ["http": "http://\(host):\(port)"])
        }
        writeDevelopmentToken("http\(secure)://\(host):\(port)", log)
    }

    private func writeDevelopmentToken(_ url: String, _ log: Log) {
        guard configuration.isDevelopment, let secret = configuration.jwtSecret else { return }
        let claims = Claims(user: "demo", scopes: ["publish", "admin", "tasks:*"])
        guard let token = try? TokenSigner.sign(claims, secret: Array(secret.utf8), issuedAt: WallClock.now) else {
            return
        }
        // The only token that any log contains: it opens only this machine's development nodes.
        log.info(
            "a token for development (demo-token may only watch)", ["jwt": .text(token)])
        log.info("the console, signed in with this token", ["open": .text("\(url)/#token=\(token)")])
    }
}
