package import RESP

/// The number of users online.
package struct OnlineCount: CommandRequest {
    package let command: RedisCommand
    package var name: String { "the count of users" }

    /// Asks for it.
    package init(keys: PresenceKeys) { command = RedisCommand("HLEN", .key(keys.key("u"))) }

    package func reply(_ value: RedisValue) -> Int64? { value.integer }
}

extension Sequence<Int64> {
    /// The number of users in all buckets; what stands in Redis may be anything, so the sum is clamped.
    package var onlineSum: Int64 {
        reduce(0) { sum, count in
            let (total, isOver) = sum.addingReportingOverflow(count)
            return isOver ? (count > 0 ? .max : .min) : total
        }
    }
}

/// Some rooms that may count viewers of a loop that is being reaped.
package struct RoomsRequest: CommandRequest {
    package let command: RedisCommand
    package var name: String { "the rooms of a loop" }

    /// Asks for at most ``PresenceLimits/chunk`` of them.
    package init(of incarnation: String, keys: PresenceKeys) {
        command = RedisCommand(
            "SRANDMEMBER", .key(keys.rooms(of: incarnation)), .integer(Int64(PresenceLimits.chunk)))
    }

    package func reply(_ value: RedisValue) -> [String]? { value.array?.compactMap(\.string) }
}

/// Records that rooms no longer count a loop's viewers: the last step, so that steps cut off before it are done again.
package struct LeaveRooms: CommandRequest {
    package let command: RedisCommand
    package var name: String { "leaving rooms" }

    /// `rooms` must not be empty.
    package init(_ rooms: [String], by incarnation: String, keys: PresenceKeys) {
        command = RedisCommand(
            ["SREM", .key(keys.rooms(of: incarnation))] + rooms.map { RedisArgument.string($0) })
    }

    package func reply(_ value: RedisValue) -> Void? { value.integer.map { _ in } }
}

/// Takes a loop's viewers out of a room.
package struct EmptyRoom: CommandRequest {
    package let command: RedisCommand
    package var name: String { "emptying a room" }

    /// `room`: the task's hash of viewers.
    package init(_ room: String, of incarnation: String) {
        command = RedisCommand("HDEL", .key(room), .string(incarnation))
    }

    package func reply(_ value: RedisValue) -> Void? { value.integer.map { _ in } }
}

/// The number of a task's viewers, by loop.
package struct RoomViewers: CommandRequest {
    package let command: RedisCommand
    package var name: String { "the viewers of a task" }

    /// `room`: the task's hash of viewers.
    package init(in room: String) { command = RedisCommand("HGETALL", .key(room)) }

    /// Each loop's incarnation, and its viewers.
    package func reply(_ value: RedisValue) -> [(incarnation: String, viewers: Int64)]? {
        guard let fields = value.array else { return nil }
        return stride(from: 0, to: fields.count - 1, by: 2).compactMap { place in
            guard let incarnation = fields[place].string, let viewers = fields[place + 1].integer else { return nil }
            return (incarnation, viewers)
        }
    }
}

/// How many subscribers one server has on the control channels of loops.
package struct ControlSubscribers: CommandRequest {
    package let command: RedisCommand
    package var name: String { "the subscribers of control channels" }
    private let count: Int

    /// Asks about the loops of these names.
    package init(of incarnations: [String], keys: PresenceKeys) {
        count = incarnations.count
        command = RedisCommand(["PUBSUB", "NUMSUB"] + incarnations.map { .string(keys.control(of: $0)) })
    }

    /// The number for each.
    package func reply(_ value: RedisValue) -> [Int64]? {
        guard let fields = value.array, fields.count == 2 * count else { return nil }
        let counts = stride(from: 1, to: fields.count, by: 2).compactMap { fields[$0].integer }
        return counts.count == count ? counts : nil
    }
}

/// The loops that are counted now.
package struct RegisteredLoops: CommandRequest {
    package let command: RedisCommand
    package var name: String { "the loops that are counted" }

    /// Asks for all of them.
    package init(keys: PresenceKeys) { command = RedisCommand("ZRANGE", .key(keys.key("nodes")), "0", "-1") }

    /// The loops' incarnations.
    package func reply(_ value: RedisValue) -> Set<String>? { value.array.map { Set($0.compactMap(\.string)) } }
}
