/// Where many channels stand.
public enum PositionsScript {
    /// `KEYS`: the hashes of the channels. Answers epoch and last sequence of each, nil where nothing was ever published.
    public static let text = #"""
        #!lua flags=no-writes
        local answer = {}
        for _, meta in ipairs(KEYS) do
            local place = redis.call('HMGET', meta, 'e', 's')
            answer[#answer + 1], answer[#answer + 2] = place[1], place[2]
        end
        return answer
        """#
}
