import Events
import Examples
import JSON
import Testing

@testable import Following

/// Every pair of a state and an event, one line each, in ``statusQuestionTable``.
@Suite("A question how a task stands")
struct StatusQuestionTests {
    typealias Happening = StatusQuestion.Event

    /// The stored state.
    static let stored = delivery(5)
    /// The state that a second read finds.
    static let fresh = delivery(6)
    /// The state that the channel has by then.
    static let heard = delivery(7)
    /// The state after an event.
    static let new = delivery(8)

    private static func delivery(_ sequence: UInt64) -> Delivery {
        let parser = JSONParser(maxBytes: 1_000, maxDepth: 8)
        let object = try! Array(#"{"type":"progress","progress":5}"#.utf8).withUnsafeBytes { try parser.object($0) }
        return Delivery(
            channel: .task(Identifier("t")!), event: try! Event(object, parser: parser, isOfTask: true),
            knowledge: TaskKnowledge(), position: Position(epoch: "e1", sequence: sequence), timestamp: 7,
            isSnapshot: true)
    }

    static let reading: [Happening] = [.entered, .turnCame]
    static let inquiring: [Happening] = reading + [.found(stored, mayBeOld: true)]
    static let readingAgain: [Happening] = inquiring + [.inquired(mayHaveChanged: true), .turnCame]
    static let comparing: [Happening] = reading + [.found(stored, mayBeOld: false)]
    static let awaiting: [Happening] = comparing + [.compared(.before)]

    static let states: [(name: String, after: [Happening])] = [
        ("entering", []),
        ("queued", [.entered]),
        ("reading", reading),
        ("asking the third party", inquiring),
        ("queued again, with nothing new", inquiring + [.inquired(mayHaveChanged: false)]),
        ("queued again, to read again", inquiring + [.inquired(mayHaveChanged: true)]),
        ("reading again", readingAgain),
        ("comparing", comparing),
        ("comparing what was read again", readingAgain + [.found(fresh, mayBeOld: true)]),
        ("awaiting the event", awaiting),
        ("comparing once more", awaiting + [.late]),
        ("queued, and answered", [.entered, .changed(new)]),
        ("reading, and answered", reading + [.changed(new)]),
        ("asking the third party, and answered", inquiring + [.changed(new)]),
        ("awaiting the event, and answered", awaiting + [.changed(new)]),
        ("over", comparing + [.compared(.apart)]),
    ]

    static let events: [(name: String, event: Happening)] = [
        ("entered", .entered),
        ("turn", .turnCame),
        ("found", .found(fresh, mayBeOld: false)),
        ("found, may be old", .found(fresh, mayBeOld: true)),
        ("hidden", .hidden),
        ("crowded", .obstructed(.crowded)),
        ("unfollowable", .obstructed(.unfollowable)),
        ("unreadable", .obstructed(.unreadable)),
        ("unknown", .obstructed(.unknown)),
        ("nothing new", .inquired(mayHaveChanged: false)),
        ("news", .inquired(mayHaveChanged: true)),
        ("apart", .compared(.apart)),
        ("past", .compared(.past(heard))),
        ("before", .compared(.before)),
        ("changed", .changed(new)),
        ("late", .late),
    ]

    @Test("every state and every event have one line each, and there are no other lines")
    func everyPair() {
        var lines: [String] = []
        for (state, past) in Self.states {
            lines.append("# \(state)")
            for (name, event) in Self.events {
                var question = StatusQuestion()
                for event in past { _ = question.receive(event) }
                let action = question.receive(event)?.short ?? "-"
                lines.append("\(name) => \(action)" + (question.isAnswered ? " !" : ""))
            }
        }
        let expected = statusQuestionTable.split(separator: "\n").map(String.init)
        #expect(lines.count == expected.count)
        var state = ""
        for (line, expected) in zip(lines, expected) {
            if line.hasPrefix("#") { state = line }
            #expect(line == expected, "\(state)")
        }
    }

    @Test("a viewer gets at most one answer, whatever happens in whatever order")
    func oneAnswer() {
        var random = SystemRandomNumberGenerator()
        let seed = random.next()
        var numbers = Numbers(state: seed)
        for _ in 0..<2_000 {
            var question = StatusQuestion()
            var answers = 0
            for _ in 0..<24 {
                let event = Self.events[Int(numbers.next() % UInt64(Self.events.count))].event
                switch question.receive(event) {
                case .answer, .refuse, .hide: answers += 1
                default: break
                }
                #expect(question.isAnswered == (answers == 1), "seed \(seed)")
            }
        }
    }

    /// Numbers that a seed repeats (SplitMix64).
    private struct Numbers {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}

extension StatusQuestion.Action {
    /// The action in short words.
    fileprivate var short: String {
        switch self {
        case .queue: "queue"
        case .read: "read"
        case .inquire: "inquire"
        case .compare(let state): "compare \(state.short)"
        case .awaitEvent: "await the event"
        case .answer(let state): "answer \(state.short)"
        case .refuse(let obstacle): "refuse: \(obstacle)"
        case .hide: "hide"
        }
    }
}
