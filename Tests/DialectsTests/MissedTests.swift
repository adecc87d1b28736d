import Examples
import JSON
import Testing

@testable import Events
@testable import Dialects

/// How viewers learn of lost events.
@Suite("Missed events")
struct MissedTests {
    private let words = Words()
    private let place = Position(epoch: "e1", sequence: 9)

    /// The object in which a dialect has a message's numbers.
    private func body(_ message: JSONObject, _ dialect: DialectName) -> JSONObject? {
        switch dialect {
        case .jobs: message["data"]?.object(words.parser)
        case .tasks: message["payload"]?.object(words.parser)
        case .topics: message
        default: nil
        }
    }

    @Test(
        "stands beside the number of what comes next, whatever that is",
        arguments: [DialectName.jobs, .tasks, .topics],
        [#"{"type":"log","n":1}"#, #"{"progress":5}"#, #"{"type":"stage","stage":"A"}"#, #"{"type":"failed"}"#])
    func beside(_ dialect: DialectName, _ text: String) {
        for isSnapshot in [false, true] {
            let delivery = words.delivery(text, sequence: 9, snapshot: isSnapshot, missed: 36)
            for message in words.encode(.delivery(delivery), dialect) {
                let body = body(message, dialect)
                #expect(body?["missed"]?.integer == 36 && body?["sequence"]?.integer == 9)
            }
        }
    }

    @Test("is absent where nothing is missed, even when a worker sets it", arguments: DialectName.allCases)
    func nothing(_ dialect: DialectName) {
        let delivery = words.delivery(#"{"type":"log","missed":3,"n":1}"#, sequence: 9)
        for message in words.encode(.delivery(delivery), dialect) {
            #expect(body(message, dialect)?["missed"] == nil)
        }
    }

    @Test("a worker's own field does not duplicate it", arguments: DialectName.allCases)
    func once(_ dialect: DialectName) {
        for channel in [words.task, .topic(Identifier("t")!)] {
            let text = #"{"type":"data","missed":3,"data":{"n":1}}"#
            let delivery = words.delivery(text, on: channel, sequence: 9, missed: 2)
            for message in words.encode(.delivery(delivery), dialect) {
                let body = body(message, dialect)
                #expect(body?.fields.count { $0.hasKey("missed") } == 1 && body?["missed"]?.integer == 2)
            }
        }
    }

    @Test("a separate message names the channel, and the position", arguments: [DialectName.jobs, .tasks, .topics])
    func ofItsOwn(_ dialect: DialectName) {
        let messages = words.encode(.missed(words.task, count: 4, position: place), dialect)
        #expect(messages.count == 1 && messages[0]["type"]?.string == "missed")
        let body = body(messages[0], dialect)
        #expect(body?["missed"]?.integer == 4 && body?["sequence"]?.integer == 9 && body?["epoch"]?.string == "e1")
        switch dialect {
        case .jobs: #expect(body?["jobId"]?.string == "video_xxx" && body?["timestamp"]?.string != nil)
        case .tasks: #expect(body?["videoId"]?.string == "video_xxx")
        case .topics:
            #expect(messages[0]["topic"]?.string == "task" && messages[0]["messageId"]?.string != nil)
            #expect(messages[0]["data"]?.object(words.parser)?["missed"]?.integer == 4)
        default: break
        }
    }

    @Test("presence does not follow channels")
    func presence() {
        #expect(words.encode(.missed(words.task, count: 4, position: place), .presence).isEmpty)
    }

    @Test("an event stream sends it in a separate event before the next, whose data stays unchanged")
    func stream() {
        #expect(
            encoded(isSnapshot: false) == #"event: missed\#ndata: {"epoch":"e1","sequence":8,"missed":4}\#n\#n"#
                + "id: e1:9\ndata: {\"n\":1}\n\n")
    }

    @Test("and before a state, which also replaces the event at its own position")
    func streamOfAState() {
        #expect(
            encoded(isSnapshot: true).hasPrefix(
                #"event: missed\#ndata: {"epoch":"e1","sequence":9,"missed":4}\#n\#nid: e1:9\#nevent: snapshot\#ndata: {"#
            ))
    }

    private func encoded(isSnapshot: Bool) -> String {
        let delivery = words.delivery(#"{"n":1}"#, sequence: 9, snapshot: isSnapshot, missed: 4)
        return String(decoding: ServerSentEvent.encode(delivery), as: UTF8.self)
    }

    @Test("an event stream gets a gap at the end with a position to resume from")
    func streamOfItsOwn() {
        let text = String(decoding: ServerSentEvent.encode(missed: 4, upTo: place), as: UTF8.self)
        #expect(text == "id: e1:9\nevent: missed\ndata: {\"epoch\":\"e1\",\"sequence\":9,\"missed\":4}\n\n")
    }
}
