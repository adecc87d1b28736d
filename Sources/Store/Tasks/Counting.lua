-- The number of a hash's field from which a script may go on counting: a decimal number well below 2^53, above which Lua's
-- numbers skip integers. nil for any other text: somebody else may have written anything there.
local function count_of(text)
    local number = text and #text <= 16 and not string.find(text, '%D') and tonumber(text)
    return number and number < 9007199254000000 and number or nil
end
