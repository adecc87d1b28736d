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
        get { following.counters[keyPath: path] }
        nonmutating set { following.counters[keyPath: path] = newValue }
    }
    package subscript<Value>(dynamicMember path: WritableKeyPath<AskingCounters, Value>) -> Value {
        get { asking.counters[keyPath: path] }
        nonmutating set { asking.counters[keyPath: path] = newValue }
    }
    package subscript<Value>(dynamicMember path: WritableKeyPath<OnlineCounters, Value>) -> Value {
        get { online.counters[keyPath: path] }
        nonmutating set { online.counters[keyPath: path] = newValue }
    }
    package subscript<Value>(dynamicMember path: WritableKeyPath<ServingCounters, Value>) -> Value {
        get { serving.counters[keyPath: path] }
        nonmutating set { serving.counters[keyPath: path] = newValue }
    }
    package subscript<Value>(dynamicMember path: WritableKeyPath<RedisCounters, Value>) -> Value {
        get { redis.counters[keyPath: path] }
        nonmutating set { redis.counters[keyPath: path] = newValue }
    }
}
