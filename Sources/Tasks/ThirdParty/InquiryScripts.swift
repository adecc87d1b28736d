public import Events
import Dialects

/// Asking third parties how tasks stand, one node at a time for each task.
///
/// ``Naming/inquiryKey(of:)`` holds who asks now and where the task stood then, as long as an answer may take; after it, for
/// a moment, `fresh`: whoever comes within it was there at the same time, and is served by the same answer.
public enum InquiryScripts {
    /// Takes tasks that are due, and puts them off, so that another node takes them over if this one dies. `KEYS`: due
    /// inquiries, revived tasks. `ARGV`: how many at most, milliseconds, milliseconds until a revived task is asked about,
    /// and what stands before the channel in the key of a task's secrets. Answers the channels.
    public static let take = #"""
        #!lua
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        -- Workers write these: what has no secrets is none of ours.
        for _, channel in ipairs(redis.call('HRANDFIELD', KEYS[2], ARGV[1])) do
            if redis.call('EXISTS', ARGV[4] .. channel .. '}') == 1 then
                redis.call('ZADD', KEYS[1], 'NX', string.format('%d', now + ARGV[3]), channel)
            end
            redis.call('HDEL', KEYS[2], channel)
        end
        local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now), 'LIMIT', 0, ARGV[1])
        for _, channel in ipairs(due) do
            redis.call('ZADD', KEYS[1], string.format('%d', now + ARGV[2]), channel)
        end
        return due
        """#

    /// Asks to be the one who asks. `KEYS`: the task's hash, its secrets, its inquiry, due inquiries. `ARGV`: a name for
    /// this inquiry, milliseconds it may take, the channel, and `1` for whom the fresh answer is not fresh enough.
    ///
    /// Answers `[none]` where there is nobody to ask or nothing to be known, `[fresh]` where that was done just now,
    /// `[wait, ms]` where it may be done again so much later, `[busy]` while another one asks, or
    /// `[ask, epoch, state's sequence, state, external id, API key, address, status, progress]`. An event of the task is as good an answer as
    /// the third party's, and makes that void: `[fresh]` then.
    public static let begin = #"""
        #!lua
        local meta, secrets, inquiry, due = unpack(KEYS)
        local task = redis.call('HMGET', meta, 'e', 'ss', 'end', 'st', 'sw', 'pg')
        local party = redis.call('HMGET', secrets, 'ext', 'key', 'api')
        if not task[1] then redis.call('DEL', secrets) end
        if not task[1] or task[3] or not party[1] or not party[2] then
            redis.call('ZREM', due, ARGV[3])
            return {'none'}
        end
        local state = task[2] or ''
        local stand = task[1] .. ' ' .. state
        local held = redis.call('GET', inquiry)
        if held == 'fresh' and ARGV[4] == '1' then return {'wait', redis.call('PTTL', inquiry)} end
        if held == 'fresh' then return {'fresh'} end
        if held then return {string.match(held, '^%S* (.*)$') == stand and 'busy' or 'fresh'} end
        redis.call('SET', inquiry, ARGV[1] .. ' ' .. stand, 'PX', ARGV[2])
        return {'ask', task[1], state, task[4], party[1], party[2], party[3], task[5], task[6]}
        """#

    /// Ends an inquiry. `KEYS`: channel, hash, list, inquiry, due inquiries. `ARGV`: the inquiry's name, milliseconds that
    /// its answer is fresh (0: nobody was asked), the channel, milliseconds until the next one, the epoch and the state's
    /// sequence as it began; then what ``PublishScript`` takes, where there is something new to tell.
    ///
    /// It is told only if nothing was meanwhile. Answers as ``PublishScript``, else an empty array.
    public static let settle = "#!lua\n" + PublishScript.lua + settleSteps

    private static let settleSteps = #"""


        local meta, inquiry, due = KEYS[2], KEYS[4], KEYS[5]
        -- What cannot be told or written to the end is not begun: the task stays due, and is asked about again.
        redis.call('ZCARD', due)
        local refused = lack_of_right('SET', inquiry, '', 'PX', '1') or lack_of_right('DEL', inquiry)
            or lack_of_right('ZADD', due, '0', '') or lack_of_right('ZREM', due, '')
            or ARGV[7] and lack_of_rights(KEYS[1], meta, KEYS[3])
        if refused then return refused end
        local held = redis.call('GET', inquiry)
        local task = redis.call('HMGET', meta, 'e', 'ss', 'end')
        local receipt = {}
        if ARGV[7] and task[1] == ARGV[5] and (task[2] or '') == ARGV[6] and not task[3] then
            receipt = publish_arguments(7)
        end
        if held and string.match(held, '^%S*') == ARGV[1] then
            if ARGV[2] == '0' then
                redis.call('DEL', inquiry)
            else
                redis.call('SET', inquiry, 'fresh', 'PX', ARGV[2])
            end
        end
        if not task[1] or redis.call('HEXISTS', meta, 'end') == 1 then
            redis.call('ZREM', due, ARGV[3])
        else
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            redis.call('ZADD', due, string.format('%d', now + ARGV[4]), ARGV[3])
        end
        return receipt
        """#

    /// The keys of ``take``.
    public static func takeKeys(naming: Naming) -> [String] { [naming.dueInquiriesKey, naming.revivedKey] }

    /// The arguments of ``take``.
    public static func takeArguments(
        most: Int, takeoverMilliseconds: Int, pollMilliseconds: Int, naming: Naming
    ) -> [[UInt8]] {
        ["\(most)", "\(takeoverMilliseconds)", "\(pollMilliseconds)", naming.secretKeyStart].map { Array($0.utf8) }
    }

    /// The keys of ``begin``.
    public static func beginKeys(_ channel: ChannelName, naming: Naming) -> [String] {
        [
            naming.metaKey(of: channel), naming.secretKey(of: channel), naming.inquiryKey(of: channel),
            naming.dueInquiriesKey,
        ]
    }

    /// The keys of ``settle``.
    public static func settleKeys(_ channel: ChannelName, naming: Naming) -> [String] {
        PublishScript.keys(channel: channel, naming: naming)
            + [naming.inquiryKey(of: channel), naming.dueInquiriesKey]
    }
}
