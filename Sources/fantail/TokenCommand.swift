import Glibc
import Node
import Token

/// Makes a JWT for trials.
enum TokenCommand: Command {
    static let name = "token"
    static let summary = "make a JWT for trials"

    struct Options: Sendable {
        var configuration = Configuration()
        var user = "demo"
        var username: String?
        var scopes: Set<String> = []
        var teams: [String] = []
        var tasks: [String] = []
        var seconds = 24 * 3600
    }

    private static let settings: [Setting<Options>] =
        NodeSettings.redis.map { $0.inside(\.configuration) }
        + NodeSettings.all.filter { $0.flag.hasPrefix("--jwt-") && $0.flag != "--jwt-public-key" }
        .map { $0.inside(\.configuration) }
        + [
            Setting("--user", [], "ID", "whose token it is, the claim sub (demo)") { $0.user = $1 },
            Setting("--name", [], "TEXT", "the claim username") { $0.username = $1 },
            Setting("--scope", [], "WORDS", "rights: publish, admin, tasks:*") {
                $0.scopes.formUnion($1.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init))
            },
            Setting("--team", [], "ID", "a team of the user's; may be repeated") { $0.teams.append($1) },
            Setting("--task", [], "ID", "a task that may be watched, or a prefix ending in *; may be repeated") {
                $0.tasks.append($1)
            },
            Setting("--expires", [], "TIME", "how long it is good for (24h)") {
                (options, text) throws(SettingError) in
                options.seconds = try SettingValue.milliseconds(text, in: 1_000...315_360_000_000) / 1000
            },
        ]

    static var manual: Manual {
        Manual(
            usage: ["token [FLAGS]"],
            text: ["Without --jwt-secret it is a token for the development nodes on this machine."],
            examples: [
                Example("a token of alice's that may publish", "fantail token --user alice --scope publish"),
                Example(
                    "one that may watch some tasks, for an hour",
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
            tasks: options.tasks, expiresAt: now + Int64(options.seconds) * 1000)
        do {
            print(
                try TokenSigner.sign(
                    claims, secret: Array(try secret(options).utf8), issuedAt: now,
                    audience: options.configuration.jwtAudience, issuer: options.configuration.jwtIssuer))
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw .failed("\(error)")
        }
    }

    /// The secret that was given, else the one that development nodes share through Redis.
    private static func secret(_ options: Options) throws(CommandFailure) -> String {
        if let secret = options.configuration.jwtSecret { return secret }
        do { return try DevelopmentToken.secret(options.configuration) } catch {
            throw .usage(
                "expected --jwt-secret (FANTAIL_JWT_SECRET), or a development node's Redis to share its secret")
        }
    }
}
