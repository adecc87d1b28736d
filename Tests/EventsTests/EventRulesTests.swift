import Examples
import JSON
import Testing

@testable import Events

/// The rules of events, as a node reads them. `PublishFunctionTests` and `test_event_rules.py` run the same table through
/// the Function of the workers and through `fantail.js`.
@Suite("The rules of events, in a loop")
struct EventRulesTests {
    private let parser = JSONParser(maxBytes: EventLimits.maxEventBytes, maxDepth: 64)

    /// A loop's knowledge of a channel.
    private struct Loop {
        var knowledge = TaskKnowledge()
        var owner: String?
        var team: String?

        /// Takes an event as a loop does; throws where it is none, returns nil where it comes after the end.
        mutating func take(_ text: [UInt8], _ parser: JSONParser, isOfTask: Bool) throws -> Event? {
            let event = try Event(parser.object(text), parser: parser, isOfTask: isOfTask)
            guard !knowledge.hasEnded || event.isRestart || !event.isAboutTask else { return nil }
            knowledge.apply(event)
            owner = owner ?? event.owner?.text
            team = team ?? event.team?.text
            return event
        }
    }

    @Test("an event means what the table says", arguments: EventCase.all)
    func meaning(_ example: EventCase) throws {
        var loop = Loop()
        for text in example.before {
            #expect(try loop.take(text, parser, isOfTask: !example.isOfTopic) != nil)
        }
        guard let meaning = example.meaning else { return refused(example, loop) }
        let event = try #require(try loop.take(example.event, parser, isOfTask: !example.isOfTopic))
        let known = loop.knowledge
        #expect(known == meaning.known)
        #expect(event.kind.word == meaning.kind)
        #expect(event.isTerminal == meaning.ends && event.isRestart == meaning.isRestart)
        #expect(event.timestamp == meaning.time)
        #expect(loop.owner == meaning.owner && loop.team == meaning.team)
        #expect((event.failure == nil) == (meaning.failure == nil))
        guard let failure = event.failure, let expected = meaning.failure else { return }
        #expect(failure.code == expected.code && failure.message == expected.message)
        #expect(failure.isRetryable == expected.isRetryable)
    }

    private func refused(_ example: EventCase, _ loop: Loop) {
        var loop = loop
        do {
            let event = try loop.take(example.event, parser, isOfTask: !example.isOfTopic)
            #expect(event == nil && example.refusal == "FINISHED")
        } catch {
            #expect(example.refusal == "INVALID", "\(error)")
        }
    }

    @Test("no two lines are equal, and there are enough of them")
    func table() {
        #expect(Set(EventCase.all.map(\.says)).count == EventCase.all.count && EventCase.all.count >= 150)
    }
}

extension Event.Kind {
    /// The kind's word in the table.
    fileprivate var word: String {
        switch self {
        case .progress: "progress"
        case .stage: "stage"
        case .completed: "completed"
        case .failed: "failed"
        case .other(let type): type
        }
    }
}
