import Development
import Node
import RESP
package import Settings
import Token
import Threads

/// The nodes to ask, and the credentials.
package struct NodeAccess: Sendable {
    /// The nodes; where one does not answer, the next is asked.
    package var urls: [NodeURL] = []
    /// A PEM file with the authorities to trust for `https` nodes; nil for the system's.
    package var authorities: String?
    /// The JWT that the command sends; nil where the user names none.
    package var token: String?
    /// The nodes' API key.
    package var apiKey: String?
    /// The Redis where a development node keeps its secret.
    package var redis = Configuration()

    /// The node on this machine, without credentials.
    package init() {}

    package static let settings: [Setting<NodeAccess>] =
        [
            Setting(
                "--url", ["FANTAIL_URL"], "URL",
                "a node or their load balancer, may be repeated (http://127.0.0.1:8000)",
                isRepeatable: true, forget: { $0.urls = [] }
            ) {
                (access, text) throws(SettingError) in
                for word in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
                    guard let url = NodeURL(String(word)) else {
                        throw SettingError("expected a URL like http://127.0.0.1:8000 or https://host, got '\(word)'")
                    }
                    access.urls.append(url)
                }
            },
            Setting(
                "--ca", ["FANTAIL_CA"], "FILE", "PEM file with the authorities to trust for https (the system's)"
            ) {
                (access, text) throws(SettingError) in access.authorities = try SettingValue.file(text)
            },
            Setting(
                "--token", ["FANTAIL_TOKEN"], "JWT", "the token to send; fantail token makes one", isSecret: true
            ) {
                (access, text) throws(SettingError) in
                access.token = try header(text)
            },
            Setting("--api-key", ["FANTAIL_API_KEY"], "TEXT", "the nodes' API key, instead of a token", isSecret: true)
            {
                (access, text) throws(SettingError) in
                access.apiKey = try header(text)
            },
        ].withFiles() + NodeSettings.redis.map { $0.inside(\.redis) }

    /// A line end would start another header.
    private static func header(_ text: String) throws(SettingError) -> String {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw SettingError("expected one line of text")
        }
        return text
    }

    /// The named nodes, else the one on this machine.
    package var nodes: [NodeURL] { urls.isEmpty ? [.local] : urls }

    /// The header with the credentials. Without a token and a key, and for nodes on this machine only, the command
    /// makes a token of a development node, whose secret is in Redis.
    package func authorization(scopes: Set<String> = []) throws(CommandFailure) -> String {
        if let token { return "Authorization: Bearer \(token)" }
        if let apiKey { return "X-API-Key: \(apiKey)" }
        guard nodes.allSatisfy(\.isLocal) else { throw Self.missing }
        return "Authorization: Bearer \(try DevelopmentToken.make(user: "demo", scopes: scopes, configuration: redis))"
    }

    private static let missing = CommandFailure.usage(
        "expected --token (FANTAIL_TOKEN) or --api-key (FANTAIL_API_KEY): nodes tell nothing to strangers")
}

/// Tokens for development nodes, signed with the secret that these share through Redis.
package enum DevelopmentToken {
    package static func make(
        user: String, scopes: Set<String>, configuration: Configuration
    ) throws(CommandFailure) -> String {
        try sign(user: user, scopes: scopes, secret: try secret(configuration), configuration: configuration)
    }

    /// A token for a day, signed with `secret`.
    package static func sign(
        user: String, scopes: Set<String>, secret: String, configuration: Configuration
    ) throws(CommandFailure) -> String {
        let now = Wall.milliseconds
        let claims = Claims(
            user: user, username: nil, teams: [], scopes: scopes, tasks: [], expiresAt: now + 24 * 3_600_000)
        do {
            return try TokenSigner.sign(
                claims, secret: Array(secret.utf8), issuedAt: now, audience: configuration.jwtAudience,
                issuer: configuration.jwtIssuer)
        } catch {
            throw .failed("\(error)")
        }
    }

    /// The secret that development nodes share through Redis; `expected` names the alternatives.
    package static func secret(
        _ configuration: Configuration, expected: String = "expected --token (FANTAIL_TOKEN)"
    ) throws(CommandFailure) -> String {
        let location = try configuration.checkedForRedis().redis ?? .local
        let naming = configuration.naming
        let result: Result<String?, any Error> = Blocking.wait {
            do { return .success(try await DevelopmentSecret.read(from: location, naming: naming)) } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let secret?): return secret
        case .success(nil):
            throw .usage(
                "\(expected); without one a development node's secret is used, and the Redis at \(location) has none: "
                    + "no fantail serve --dev uses it, or they were all given --jwt-secret")
        case .failure(let error):
            throw .usage(
                "\(expected); without one a development node's Redis is asked, and there is none at \(location): \(error)"
            )
        }
    }
}
