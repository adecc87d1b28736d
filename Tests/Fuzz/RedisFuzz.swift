import Cuttings

@testable import RESP
@testable import Redis

/// Bytes from Redis, or from another program in its place.
enum RedisFuzz {
    static let values = FuzzTarget(name: "redis-values", seeds: { valueSeeds.map { Array($0.utf8) } }) { input in
        let outcomes = Cutting.repeatable(of: input).map(readValues)
        demand(outcomes.allSatisfy { $0 == outcomes[0] }, "cut otherwise, it reads otherwise: \(outcomes)")
        let wire = outcomes[0].values.flatMap(encode)
        let again = readValues(Cutting.all(of: wire, random: 0)[0])
        demand(again.values == outcomes[0].values && !again.failed, "written again: \(again)")
    }

    static let pushes = FuzzTarget(name: "redis-pushes", seeds: { pushSeeds.map { Array($0.utf8) } }) { input in
        let outcomes = Cutting.repeatable(of: input).map(readPushes)
        demand(outcomes.allSatisfy { $0 == outcomes[0] }, "cut otherwise, it reads otherwise: \(outcomes)")
    }

    private struct Values: Equatable {
        var values: [RedisValue] = []
        var failed = false
    }

    private static func readValues(_ cutting: Cutting) -> Values {
        let reader = ValueReader()
        var outcome = Values()
        do throws(RedisFailure) {
            for piece in cutting.pieces {
                for part in parts(of: piece) {
                    try feed(part) { bytes throws(RedisFailure) in try reader.feed(bytes) }
                    while let value = try reader.next() { outcome.values.append(value) }
                }
            }
        } catch {
            outcome.failed = true
        }
        return outcome
    }

    private struct Message: Equatable {
        var push: Push
        var channel: [UInt8]
        var payload: [UInt8]
    }

    private struct Pushes: Equatable {
        var messages: [Message] = []
        var failed = false
    }

    private static func readPushes(_ cutting: Cutting) -> Pushes {
        let reader = PushReader()
        var outcome = Pushes()
        do throws(RedisFailure) {
            for piece in cutting.pieces {
                for part in parts(of: piece) {
                    try feed(part) { bytes throws(RedisFailure) in try reader.feed(bytes) }
                    while let push = try reader.next() { outcome.messages.append(message(push, reader)) }
                }
            }
        } catch {
            outcome.failed = true
        }
        return outcome
    }

    /// The contents of the push; only fields of its kind have a meaning.
    private static func message(_ push: Push, _ reader: PushReader) -> Message {
        let hasChannel = [.message, .subscribed, .unsubscribed].contains(push)
        let hasPayload = [.message, .error].contains(push)
        return Message(
            push: push, channel: hasChannel ? Array(reader.channel) : [],
            payload: hasPayload ? Array(reader.payload) : [])
    }

    /// As the client feeds it: never more at a time than the reader accepts.
    private static func parts(of piece: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        stride(from: piece.startIndex, to: piece.endIndex, by: ReplyLimits.maxFeedBytes).map {
            piece[$0..<min($0 + ReplyLimits.maxFeedBytes, piece.endIndex)]
        }
    }

    private static func feed(
        _ part: ArraySlice<UInt8>, to take: (UnsafeRawBufferPointer) throws(RedisFailure) -> Void
    ) throws(RedisFailure) {
        try part.withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) throws(RedisFailure) in
            try take(UnsafeRawBufferPointer(bytes))
        }
    }

    /// `value` in RESP2.
    private static func encode(_ value: RedisValue) -> [UInt8] {
        switch value {
        case .null: Array("$-1\r\n".utf8)
        case .integer(let number): Array(":\(number)\r\n".utf8)
        case .bulk(let bytes): Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
        case .status(let text): Array("+\(text)\r\n".utf8)
        case .error(let error): Array("-\(error)\r\n".utf8)
        case .array(let elements): Array("*\(elements.count)\r\n".utf8) + elements.flatMap(encode)
        }
    }

    private static let valueSeeds = [
        "+OK\r\n-ERR no such thing\r\n:42\r\n:-1\r\n$-1\r\n$0\r\n\r\n$5\r\na\r\nbc\r\n*-1\r\n*0\r\n",
        "*3\r\n:1\r\n*2\r\n$1\r\nx\r\n*0\r\n-NO way\r\n", "*1048576\r\n*2147483647\r\n", "$999999999999\r\nab",
    ]

    private static let pushSeeds = [
        "*3\r\n$9\r\nsubscribe\r\n$6\r\ntask:a\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$6\r\ntask:a\r\n$2\r\n{}\r\n",
        "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n+PONG\r\n-ERR x\r\n",
        "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\na\r\n$1\r\nb\r\n",
    ]
}
