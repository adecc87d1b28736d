import RESP
import Redis

extension RedisPart {
    /// One of the Sentinels that name the master.
    static func sentinel(_ address: RedisEndpoint.Address) -> RedisPart {
        RedisPart(kind: "Sentinel", address: address, takesCommands: false, isOfEachLoop: false)
    }

    /// One of the masters of a cluster, as the place of its sharded channels.
    static func shard(_ address: RedisEndpoint.Address) -> RedisPart {
        RedisPart(
            kind: "cluster server for sharded channels", address: address, takesCommands: false, isOfEachLoop: true)
    }

    /// One of the masters of a cluster, or a server that is asked for them.
    static func master(_ address: RedisEndpoint.Address) -> RedisPart {
        RedisPart(kind: "cluster server", address: address, takesCommands: true, isOfEachLoop: true)
    }
}
