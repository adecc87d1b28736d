import RESP

/// Decides what becomes of a batch of events that Redis did not take.
enum BatchFate: Equatable {
    /// It did not run, and waiting may help: it is sent again. With the error of Redis, where there was one.
    case sendAgain(String?)
    /// Redis is away, or takes no writes now. The batch may have run where the connection was lost.
    case away(String)
    /// Redis refuses the events, or this login: sent again, they would be refused again.
    case refused(String)

    /// `function`: the workers' Function, where it was called in place of the script. `isAlone`: no later batch is under
    /// way, which this one would fall behind.
    init(_ error: RedisError, function: String?, isAlone: Bool) {
        switch error {
        case .notReady, .turnedAway: self = .sendAgain(nil)
        case .overloaded, .closed, .lost: self = .away("\(error)")
        case .reply(let reply) where reply.ownsNoSlot: self = isAlone ? .sendAgain("\(error)") : .away("\(error)")
        case .reply(let reply) where reply.asksToWait || reply.refusesWrites || reply.lostSlotMeanwhile:
            self = .away("\(error)")
        case .reply(let reply): self = Self.refusal(reply, function: function)
        }
    }

    private static func refusal(_ reply: RedisReplyError, function: String?) -> BatchFate {
        guard let function else { return .refused("\(reply)") }
        if reply.message.hasPrefix("Function not found") {
            let words = "this login may not load scripts, and Redis has no Function \(function): "
            return .away(words + "a node loads it when it starts")
        }
        guard reply.lacksRight else { return .refused("\(reply)") }
        return .refused("this login may not load scripts, nor call \(function): \(reply)")
    }
}

extension RedisReplyError {
    /// A server of a cluster did not run the command: its slot moves, is elsewhere, or has no master.
    fileprivate var ownsNoSlot: Bool { ["MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN"].contains(code) }

    /// Within a script Redis 7.0 says the same without a code.
    fileprivate var lostSlotMeanwhile: Bool {
        code == "ERR" && message.contains("attempted to access a non local key in a cluster node")
    }
}
