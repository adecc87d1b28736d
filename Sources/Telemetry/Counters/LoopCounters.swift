/// The counters of one loop: a tally for each room that counts.
package struct LoopCounters {
    package let following = Tally<FollowingCounters>()
    package let asking = Tally<AskingCounters>()
    package let online = Tally<OnlineCounters>()
    package let serving = Tally<ServingCounters>()
    package let redis = Tally<RedisCounters>()

    package init() {}
}
