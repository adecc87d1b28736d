/// RESP2 requests, appended to a connection's own buffer: no `malloc` per command as in `redisFormatCommandArgv`.
extension [UInt8] {
    private mutating func appendDecimal(_ number: Int) {
        precondition(number >= 0, "RequestEncoding: a length is not negative")
        if number >= 10 { appendDecimal(number / 10) }
        append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    private mutating func appendHeader(_ marker: UInt8, _ count: Int) {
        append(marker)
        appendDecimal(count)
        appendLineEnd()
    }

    private mutating func appendLineEnd() {
        append(0x0D)
        append(0x0A)
    }

    /// `*count`: the header of a command with this many words.
    package mutating func appendArrayHeader(_ count: Int) { appendHeader(UInt8(ascii: "*"), count) }

    /// One word.
    package mutating func appendBulk(_ bytes: some Collection<UInt8>) {
        appendHeader(UInt8(ascii: "$"), bytes.count)
        append(contentsOf: bytes)
        appendLineEnd()
    }

    /// One word of a ``RedisCommand``.
    package mutating func appendArgument(_ argument: RedisArgument) {
        switch argument {
        case .string(let text), .key(let text): appendBulk(text.utf8)
        case .bytes(let bytes): appendBulk(bytes)
        case .integer(let number): appendBulk(String(number).utf8)
        }
    }

    /// `<verb> channel …`: SUBSCRIBE or UNSUBSCRIBE of one batch.
    package mutating func appendChannels(_ verb: String, _ channels: [String]) {
        appendArrayHeader(channels.count + 1)
        appendBulk(verb.utf8)
        for channel in channels { appendBulk(channel.utf8) }
    }
}
