-- A new epoch for a channel: Redis' time in microseconds, in base 36.
local function new_epoch()
    local time = redis.call('TIME')
    local number, digits = time[1] * 1000000 + time[2], ''
    repeat
        local digit = number % 36
        digits = string.sub('0123456789abcdefghijklmnopqrstuvwxyz', digit + 1, digit + 1) .. digits
        number = math.floor(number / 36)
    until number == 0
    return digits
end
