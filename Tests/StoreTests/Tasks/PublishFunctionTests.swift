import Events
import Examples
import JSON
import RESP
import RedisFixture
import Testing

@testable import Store

/// The workers' Function reads events by the same table of rules as the nodes (`EventRulesTests`).
@Suite("fantail_publish", .timeLimit(.minutes(1)))
struct PublishFunctionTests {
    /// The stored data of a channel.
    private struct Stored {
        let socket: RedisSocket
        let key: String

        func field(_ name: String) -> String? { socket.call("HGET", key, name).string }
        func bytes(_ name: String) -> [UInt8]? { field(name).map { Array($0.utf8) } }

        /// A node's knowledge of it, without the times.
        var knowledge: TaskKnowledge {
            var fields = TaskKnowledge.StoredFields()
            (fields.currentStage, fields.completedStages) = (bytes("cs"), bytes("ds"))
            (fields.progress, fields.status) = (bytes("pg"), bytes("sw"))
            (fields.message, fields.totalSteps, fields.timeRemaining) = (bytes("mg"), bytes("ts"), bytes("et"))
            let parser = JSONParser(maxBytes: EventLimits.maxEventBytes)
            return TaskKnowledge(fields, hasEnded: field("end") != nil, parser: parser)
        }
    }

    /// The Function reads ordinary events without cjson. An event that begins with a line feed is none of them, and means the
    /// same.
    @Test("an event means what the table says, whichever way the Function reads it", arguments: ["", "\n"])
    func rules(start: String) throws {
        /// The text of a case as the Function gets it; the longest event has no room for more.
        func published(_ text: [UInt8]) -> [UInt8] {
            text.count < EventLimits.maxEventBytes ? Array(start.utf8) + text : text
        }
        let server = try RedisServerProcess()
        let socket = RedisSocket(server)
        socket.call("FUNCTION", "LOAD", PublishFunction(naming: .standard, limits: HistoryLimits()).source)
        for (number, example) in EventCase.all.enumerated() {
            let channel = example.isOfTopic ? "topic:t\(number)" : "task:t\(number)"
            let stored = Stored(socket: socket, key: "ft:{\(channel)}:m")
            for text in example.before {
                #expect(socket.publish(published(text), to: channel).list.count == 3, "\(example)")
            }
            let before = stored.knowledge
            let reply = socket.publish(published(example.event), to: channel)
            guard let meaning = example.meaning else {
                guard case .error(let message) = reply else {
                    Issue.record("accepted: \(example)")
                    continue
                }
                #expect(message.hasPrefix(example.refusal ?? "?"), "\(example): \(message)")
                #expect(stored.knowledge == before, "\(example)")
                continue
            }
            #expect(reply.list.count == 3, "\(example): \(reply)")
            #expect(stored.knowledge == meaning.known, "\(example)")
            #expect(stored.field("ow") == meaning.owner && stored.field("tm") == meaning.team, "\(example)")
            let isState = ["progress", "completed", "failed"].contains(meaning.kind)
            #expect((stored.bytes("st") == published(example.event)) == isState, "\(example)")
        }
    }

    @Test("a missing or older library is loaded, one with other limits replaced only when a node connects")
    func need() {
        let function = PublishFunction(naming: .standard, limits: HistoryLimits())
        let other = PublishFunction(naming: .standard, limits: HistoryLimits(entries: 7))
        let version = PublishFunction.version
        let own = "\(version) \(HistoryLimits().entries) \(HistoryLimits().bytes) \(HistoryLimits().timeToLive) PUBLISH"
        let sharded = PublishFunction(naming: .standard, limits: HistoryLimits(), pubSub: .sharded)
        let both = PublishFunction(naming: .standard, limits: HistoryLimits(), pubSub: .both)
        #expect(sharded.source == both.source && sharded.source != function.source)
        for isConnecting in [true, false] {
            #expect(function.need(where: nil, isConnecting: isConnecting) == .loading)
            #expect(function.need(where: own, isConnecting: isConnecting) == .nothing)
            #expect(sharded.need(where: own, isConnecting: isConnecting) == (isConnecting ? .replacing : .nothing))
            #expect(other.need(where: own, isConnecting: isConnecting) == (isConnecting ? .replacing : .nothing))
            #expect(function.need(where: "\(version - 1) 1 1 1", isConnecting: isConnecting) == .replacing)
            #expect(function.need(where: "\(version + 1) 1 1 1", isConnecting: isConnecting) == .nothing)
            for odd in ["", "x", "99999999999999999999 1 1 1"] {
                #expect(function.need(where: odd, isConnecting: isConnecting) == .replacing)
            }
        }
    }

    @Test("a topic has no end and no owner: these fields are the application's")
    func topics() throws {
        let server = try RedisServerProcess()
        let socket = RedisSocket(server)
        socket.call("FUNCTION", "LOAD", PublishFunction(naming: .standard, limits: HistoryLimits()).source)
        // As earlier versions left it.
        socket.call("HSET", "ft:{topic:orders}:m", "end", "completed")
        for (number, text) in [
            #"{"orderId":1,"status":"COMPLETED"}"#, #"{"orderId":2,"status":"shipped"}"#, #"{"type":"failed"}"#,
            #"{"orderId":3,"owner":"John Smith","team":7.5}"#,
        ].enumerated() {
            let reply = socket.call("FCALL", "fantail_publish", "1", "topic:orders", text)
            #expect(reply.list.dropFirst().first?.int == number + 1, "\(text) \(reply)")
        }
        for field in ["end", "ow", "tm"] { #expect(socket.call("HEXISTS", "ft:{topic:orders}:m", field).int == 0) }
        #expect(socket.call("HGET", "ft:{topic:orders}:m", "st").string?.contains("John Smith") == true)
    }
}

extension RedisSocket {
    /// Calls the Function with bytes that may not be UTF-8.
    fileprivate func publish(_ event: [UInt8], to channel: String) -> Reply {
        call(["FCALL", "fantail_publish", "1", channel].map { Array($0.utf8) } + [event])
    }
}
