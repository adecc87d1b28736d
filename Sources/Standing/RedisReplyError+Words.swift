package import RESP

extension RedisReplyError {
    /// The meaning of the error, for publishers and for the log; ends with Redis' own error.
    package var words: String {
        switch code {
        case "OOM": "Redis is full (maxmemory) and takes no writes now: OOM"
        case "READONLY": "this Redis is a replica that takes no writes now: READONLY"
        case "MISCONF": "Redis cannot save its data and takes no writes now: MISCONF"
        case "NOREPLICAS": "Redis has too few replicas and takes no writes now: NOREPLICAS"
        case "NOPERM": "Redis denies this node a right that it needs: NOPERM"
        default: "Redis refuses the command now: \(code)"
        }
    }
}
