import JSON
import Testing

@testable import Events

@Suite("Which deliveries a newer one may replace")
struct DeliveryTests {
    private func delivery(_ text: String = #"{"progress":1}"#, isSnapshot: Bool = false) throws -> Delivery {
        let parser = JSONParser(maxBytes: EventLimits.maxEventBytes)
        let event = try Event(parser.object(Array(text.utf8)), parser: parser)
        return Delivery(
            channel: .everyone, event: event, knowledge: TaskKnowledge(), position: Position(epoch: "e", sequence: 2),
            timestamp: 0, isSnapshot: isSnapshot)
    }

    @Test("plain progress")
    func progress() throws { #expect(try delivery().isConflatable) }

    @Test("no other event", arguments: [#"{"type":"completed"}"#, #"{"type":"log"}"#, #"{"restart":true}"#])
    func others(_ text: String) throws { #expect(try !delivery(text).isConflatable) }

    @Test("no state")
    func state() throws { #expect(try !delivery(isSnapshot: true).isConflatable) }

    @Test(
        "none that changes the epoch; one that only names it may be",
        arguments: [(Delivery.EpochMark.none, true), (.first, true), (.changed, false)])
    func epoch(_ mark: Delivery.EpochMark, _ isConflatable: Bool) throws {
        var delivery = try delivery()
        delivery.epochMark = mark
        #expect(delivery.isConflatable == isConflatable)
    }

    @Test("none that reports lost events", arguments: [1, .max] as [UInt64])
    func gap(_ missed: UInt64) throws {
        var delivery = try delivery()
        delivery.missed = missed
        #expect(!delivery.isConflatable)
    }
}
