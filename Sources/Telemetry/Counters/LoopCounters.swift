/// The counters of one loop: a tally for each room that counts.
@dynamicMemberLookup
package struct LoopCounters {
    package let following = Tally<FollowingCounters>()
    package let asking = Tally<AskingCounters>()
    package let online = Tally<OnlineCounters>()
    package let serving = Tally<ServingCounters>()
    package let redis = Tally<RedisCounters>()

    package init() {}

    // Until each room holds its own tally: one name for the counters of them all.

    package subscript<Value>(dynamicMember path: WritableKeyPath<FollowingCounters, Value>) -> Value {
        get { following.counts[keyPath: path] }
        nonmutating set { following.counts[keyPath: path] = newValue }
    }
    package subscript<Value>(dynamicMember path: WritableKeyPath<AskingCounters, Value>) -> Value {
        get { asking.counts[keyPath: path] }
        nonmutating set { asking.counts[keyPath: path] = newValue }
    }
    package subscript<Value>(dynamicMember path: WritableKeyPath<OnlineCounters, Value>) -> Value {
        get { online.counts[keyPath: path] }
        nonmutating set { online.counts[keyPath: path] = newValue }
    }
    package subscript<Value>(dynamicMember path: WritableKeyPath<ServingCounters, Value>) -> Value {
        get { serving.counts[keyPath: path] }
        nonmutating set { serving.counts[keyPath: path] = newValue }
    }
    package subscript<Value>(dynamicMember path: WritableKeyPath<RedisCounters, Value>) -> Value {
        get { redis.counts[keyPath: path] }
        nonmutating set { redis.counts[keyPath: path] = newValue }
    }
}
