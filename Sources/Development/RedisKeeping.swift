/// What the keeper of a private Redis does: the Redis runs as long as somebody uses it.
struct RedisKeeping {
    /// What the keeper learns.
    enum Event {
        /// A node has come.
        case came
        /// A node has gone, or was killed.
        case left
        /// Redis has ended by itself.
        case redisEnded
    }

    /// What it then does.
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
            // Who comes after a Redis has ended gets another one, and so do those who were there before.
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
