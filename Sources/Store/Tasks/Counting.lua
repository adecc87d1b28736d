-- Whether a counter of a hash can go on. What somebody else has written there may not, nor can what comes close to 2^53:
-- beyond it Lua's numbers do not count by one.
local function is_countable(text)
    return text and #text <= 16 and string.find(text, '^%d+$') and tonumber(text) < 9007199254000000
end
