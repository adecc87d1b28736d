/// The decisions of a keeper: its Redis runs as long as a node uses it.
struct RedisKeeping {
    /// What happened.
    enum Event {
        /// A node has come.
        case came
        /// A node has gone, or was killed.
        case left
        /// Redis ended by itself.
        case redisEnded
    }

    /// What the keeper must do.
    enum Action: Equatable {
        case startRedis
        /// Tell the newcomer that it counts.
        case admit
        /// Tell all nodes that Redis has ended.
        case tellEnd
        /// Stop Redis, and end.
        case stop
    }

    private var nodes = 0
    private var isRunning = false

    /// What to do, in this order.
    mutating func receive(_ event: Event) -> [Action] {
        switch event {
        case .came:
            nodes += 1
            defer { isRunning = true }
            // A node that comes after a Redis has ended gets another one, and so do the earlier nodes.
            return isRunning ? [.admit] : [.startRedis, .admit]
        case .left:
            nodes -= 1
            return nodes == 0 ? [.stop] : []
        case .redisEnded:
            isRunning = false
            return [.tellEnd]
        }
    }
}
