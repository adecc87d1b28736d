import Settings
import Events
import Glibc
import Node
import Token
import Terminal

/// Makes a JWT for tests.
enum TokenCommand: Command {
    static let name = "token"
    static let summary = "make a JWT for tests"

    struct Options: Sendable {
        var configuration = Configuration()
        var user = "demo"
        var username: String?
        var scopes: Set<String> = []
        var teams: [String] = []
        var tasks: [String] = []
        var topics: [String] = []
        var seconds = 24 * 3600
    }

    private static let settings: [Setting<Options>] =
        NodeSettings.redis.map { $0.inside(\.configuration) }
        + NodeSettings.all.filter { $0.flag.hasPrefix("--jwt-") && $0.flag != "--jwt-public-key" }
        .map { $0.inside(\.configuration) }
        + [
            Setting("--user", [], "ID", "the user's id, for the claim sub (demo)") {
                (options, text) throws(SettingError) in options.user = try id(text)
            },
            Setting("--name", [], "TEXT", "the user's name, for the claim username") { $0.username = $1 },
            Setting("--scope", [], "WORDS", "the user's rights, for the claim scope: publish, admin, tasks:*") {
                (options, text) throws(SettingError) in options.scopes.formUnion(try scopes(text))
            },
            Setting("--team", [], "ID", "a team of the user; may be repeated") {
                (options, text) throws(SettingError) in options.teams.append(try id(text))
            },
            Setting("--task", [], "ID", "a task that the user may watch, or a prefix ending in *; may be repeated") {
                (options, text) throws(SettingError) in options.tasks.append(try id(text))
            },
            Setting("--topic", [], "NAME", "a topic that the user may subscribe to, or a prefix; may be repeated") {
                (options, text) throws(SettingError) in options.topics.append(try id(text))
            },
            Setting("--expires", [], "TIME", "time until the token expires (24h)") {
                (options, text) throws(SettingError) in
                options.seconds = try SettingValue.milliseconds(text, in: 1_000...315_360_000_000) / 1000
            },
        ]

    /// An id that nodes accept; with a star at its end it is a prefix.
    private static func id(_ text: String) throws(SettingError) -> String {
        guard Identifier(text) != nil else { throw SettingError("expected \(Identifier.rule), got '\(text)'") }
        return text
    }

    /// The scopes that nodes know.
    private static func scopes(_ text: String) throws(SettingError) -> [String] {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
        let known = ["publish", "admin", "tasks:*"]
        if let word = words.first(where: { !known.contains($0) }) {
            throw SettingError("expected one or more of \(known.joined(separator: ", ")), got '\(word)'")
        }
        return words
    }

    static var manual: Manual {
        Manual(
            usage: ["token [FLAGS]"],
            text: ["Without --jwt-secret, the development nodes on this machine accept the token."],
            examples: [
                Example("a token for alice with the right to publish", "fantail token --user alice --scope publish"),
                Example(
                    "a token to watch some tasks, for an hour",
                    "fantail token --user bob --task 'video_*' --expires 1h"),
            ],
            flags: Flag.all(settings))
    }

    static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        let (options, positional) = try read(
            settings, defaults: Options(), arguments, environment)
        if let extra = positional.first { throw .usage("token takes no argument '\(extra)'") }
        let now = Int64(time(nil)) * 1000
        let claims = Claims(
            user: options.user, username: options.username, teams: options.teams, scopes: options.scopes,
            tasks: options.tasks, topics: options.topics, expiresAt: now + Int64(options.seconds) * 1000)
        do {
            StandardOutput.line(
                try TokenSigner.sign(
                    claims, secret: Array(try secret(options).utf8), issuedAt: now,
                    audience: options.configuration.jwtAudience, issuer: options.configuration.jwtIssuer))
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw .failed("\(error)")
        }
    }

    /// The given secret, else the one that development nodes share through Redis.
    private static func secret(_ options: Options) throws(CommandFailure) -> String {
        if let secret = options.configuration.jwtSecret { return secret }
        return try DevelopmentToken.secret(
            options.configuration, expected: "expected --jwt-secret (FANTAIL_JWT_SECRET)")
    }
}
