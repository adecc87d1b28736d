-- Whether a script may go on counting from a field of a hash: the field is a decimal number well below 2^53, above which
-- Lua's numbers skip integers. Somebody else may have written anything there.
local function is_countable(text)
    return text and #text <= 16 and string.find(text, '^%d+$') and tonumber(text) < 9007199254000000
end
