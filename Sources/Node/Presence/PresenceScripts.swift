import Presence
import RESP
import Redis

/// The scripts of ``Presence`` as the Redis client knows them.
enum PresenceScripts {
    static let register = RedisScript(name: "presence-register", text: LeaseScripts.register)
    static let heartbeat = RedisScript(name: "presence-heartbeat", text: LeaseScripts.heartbeat)
    static let tick = RedisScript(name: "presence-tick", text: LeaseScripts.tick)
    static let reap = RedisScript(name: "presence-reap", text: LeaseScripts.reap)
    static let write = RedisScript(name: "presence-write", text: CountScripts.write)
    static let stored = RedisScript(name: "presence-stored", text: CountScripts.stored)
    static let setStatuses = RedisScript(name: "presence-set-statuses", text: CountScripts.setStatuses)
    static let setViewers = RedisScript(name: "presence-set-viewers", text: CountScripts.setViewers)
    static let list = RedisScript(name: "presence-list", text: QueryScripts.list)
    static let status = RedisScript(name: "presence-status", text: QueryScripts.status)
    static let nodes = RedisScript(name: "presence-nodes", text: QueryScripts.nodes)
    static let disconnect = RedisScript(name: "presence-disconnect", text: QueryScripts.disconnect)

    static let all = [
        register, heartbeat, tick, reap, write, stored, setStatuses, setViewers, list, status, nodes, disconnect,
    ]
}
