/// Lets what is kept of a task beside its events live as long as the task.
///
/// Workers lengthen the task's life with every event, and may not touch its secrets. So nodes look, always before half of
/// what is left is over: secrets are lengthened as the task was, and go when it has gone.
public enum SecretsScript {
    /// Milliseconds that secrets are kept beyond the task's life, for a node that comes late. Where a node is, they go with the
    /// task.
    static let graceMilliseconds = 60_000
    /// Milliseconds between two looks at one task, at least.
    static let lookMilliseconds = 1_000

    /// The function that lengthens a task's secrets, and says when to look again; false where there are none.
    static let lua = #"""


        local function keep_secrets(due, channel, secrets, left, now)
            if redis.call('PEXPIRE', secrets, string.format('%d', left + \#(graceMilliseconds))) == 0 then return false end
            local look = now + math.max(math.floor(left / 2), \#(lookMilliseconds))
            redis.call('ZADD', due, string.format('%d', look), channel)
            return true
        end
        """#

    /// The script's text. `KEYS`: due secrets. `ARGV`: how many at most, what stands before the channel in the key of a
    /// task's hash, and in that of its secrets. Answers how many it has looked at.
    public static let text =
        "#!lua\n" + lua + #"""


            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now), 'LIMIT', 0, ARGV[1])
            for _, channel in ipairs(due) do
                local meta, secrets = ARGV[2] .. channel .. '}:m', ARGV[3] .. channel .. '}'
                -- A later task of the same name has not been registered with them.
                local left = redis.call('HEXISTS', meta, 'tp') == 1 and redis.call('PTTL', meta) or 0
                if left <= 0 or not keep_secrets(KEYS[1], channel, secrets, left, now) then
                    redis.call('DEL', secrets)
                    redis.call('ZREM', KEYS[1], channel)
                end
            end
            return #due
            """#

    /// The arguments of a call.
    public static func arguments(most: Int, naming: Naming) -> [[UInt8]] {
        ["\(most)", naming.keyPrefix + ":{", naming.secretKeyStart].map { Array($0.utf8) }
    }
}
