import RESP
public import Settings
import Telemetry

extension NodeSettings {
    /// The value in force of an absent setting whose default depends on the machine or on other settings; else nil.
    public static func inForce(_ flag: String, _ configuration: Configuration) -> String? {
        switch flag {
        case "--host": configuration.isDevelopment ? "localhost" : "::"
        case "--loops": "\(StartRules.coreCount)"
        case "--node-id": StartRules.hostName() + "-PID"
        case "--redis": "\(RedisEndpoint.local)"
        case "--log": (configuration.logFormat ?? Log.defaultFormat).rawValue
        case "--connections-per-user":
            configuration.isDevelopment ? "any number" : "\(NodeLimits().connectionsPerUser)"
        case "--jwt-secret" where configuration.isDevelopment && configuration.jwtPublicKey == nil: "kept in Redis"
        default: nil
        }
    }
}
