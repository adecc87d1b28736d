import JSON
import Testing

@testable import Events

/// Cases that are not in the table of the rules (`EventRulesTests`).
@Suite("Event")
struct EventTests {
    private let parser = JSONParser(maxBytes: EventLimits.maxEventBytes)

    private func event(_ text: String) throws -> Event {
        try Event(parser.object(Array(text.utf8)), parser: parser)
    }

    @Test(
        "an event with a field that appears twice is refused, whatever its type, and told which",
        arguments: [
            #"{"a":1,"a":1}"#, #"{"type":"own","x":1,"\u0078":2}"#, #"{"type":"completed","type":"progress"}"#,
            #"{"type":"taskProgress","payload":{},"payload":{}}"#,
        ])
    func repeated(_ text: String) {
        #expect { try event(text) } throws: { ($0 as? EventError)?.message.contains("appears twice") == true }
    }

    @Test(
        "a number is kept as it was written, also where it is no progress",
        arguments: ["1e400", "-1e400", "33.333333333333336", String(repeating: "9", count: 33)])
    func numbers(_ number: String) throws {
        let event = try event(#"{"progress":\#(number)}"#)
        #expect(String(decoding: event.object.bytes, as: UTF8.self).contains(number))
    }

    @Test("only plain progress may be replaced by newer")
    func conflatable() throws {
        #expect(try event(#"{"progress":1}"#).isConflatable)
        for text in [
            #"{"type":"completed"}"#, #"{"type":"stage","stage":"A"}"#, #"{"type":"log"}"#, #"{"restart":true}"#,
        ] {
            #expect(try !event(text).isConflatable)
        }
    }

    @Test("progress, an end and a failure become the state, a stage and all else do not")
    func stateBearing() throws {
        for text in ["{}", #"{"type":"completed"}"#, #"{"type":"failed"}"#, #"{"type":"taskUpdated","payload":{}}"#] {
            #expect(try event(text).isStateBearing)
        }
        for text in [#"{"type":"stage","stage":"A"}"#, #"{"type":"log"}"#] {
            #expect(try !event(text).isStateBearing)
        }
    }

    @Test(
        "clients acknowledge what says so in so many words",
        arguments: [("true", true), ("1", false), ("\"true\"", false)])
    func acknowledgement(_ value: String, _ isNeeded: Bool) throws {
        #expect(try event(#"{"ack":\#(value)}"#).needsAcknowledgement == isNeeded)
    }
}
