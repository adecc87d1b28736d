public import Events
import JSON

/// One line of `events.json`, the table of the rules of events: an event, what was published before it, and what it means.
///
/// The same table runs through every reader of events: `Event` and `TaskKnowledge` of the nodes, the Function of the workers
/// in Redis, and `fantail.js`.
///
/// A text of the table is a string or a list of pieces that are joined: strings, `{"times":n,"of":text}` (in which `%d` is
/// the count, from 0), and `{"hex":digits}` for what is no UTF-8. Among lists of texts `{"times":n,"of":text}` is n texts.
public struct EventCase: Sendable {
    /// What the case says, in words.
    public var says: String
    /// Whether it is published on a topic, which has no end and no owner.
    public var isOfTopic: Bool
    /// What is published before it, each of it accepted.
    public var before: [[UInt8]]
    /// What is published.
    public var event: [UInt8]
    /// What it means; nil where it is refused.
    public var meaning: Meaning?
    /// Why it is refused: `INVALID` or `FINISHED`.
    public var refusal: String?

    /// What an event that is accepted means.
    public struct Meaning: Sendable {
        /// `progress`, `stage`, `completed`, `failed`, or a type of the application's own.
        public var kind: String
        /// Whether the task has ended with it.
        public var ends: Bool
        /// Whether the task is live again with it.
        public var isRestart: Bool
        /// The event's own time.
        public var time: Int64?
        /// What went wrong: code, message, and whether it may be tried again.
        public var failure: (code: String, message: String, isRetryable: Bool)?
        /// Whose task it is after the event.
        public var owner: String?
        /// Which team follows it after the event.
        public var team: String?
        /// What is known of the task after the event.
        public var known: TaskKnowledge
    }

    /// Every case.
    public static let all: [EventCase] = {
        let parser = JSONParser(maxBytes: Examples.maxBytes)
        guard let file = try? parser.value(Examples.file("events.json")), let cases = file.elements else {
            fatalError("events.json is no JSON array")
        }
        return cases.map { EventCase($0.object(parser)!, parser) }
    }()
}

extension EventCase: CustomStringConvertible {
    /// What the case says.
    public var description: String { says }
}

extension EventCase {
    private init(_ line: JSONObject, _ parser: JSONParser) {
        says = line["says"]!.string!
        isOfTopic = line["topic"]?.bool == true
        before = Self.texts(line["before"], parser)
        event = Self.text(line["event"]!, parser)
        refusal = line["refused"]?.string
        meaning = refusal == nil ? Meaning(line, parser) : nil
    }

    /// A text, or its pieces.
    fileprivate static func text(_ value: JSONValue, _ parser: JSONParser) -> [UInt8] {
        if let text = value.string { return Array(text.utf8) }
        if let pieces = value.elements { return pieces.flatMap { text($0, parser) } }
        guard let piece = value.object(parser) else { fatalError("no text: \(value)") }
        if let hex = piece["hex"]?.string { return bytes(ofHex: hex) }
        return repeated(piece).flatMap { $0 }
    }

    /// A list of texts.
    fileprivate static func texts(_ value: JSONValue?, _ parser: JSONParser) -> [[UInt8]] {
        if let piece = value?.object(parser) { return repeated(piece) }
        return (value?.elements ?? []).flatMap { element in
            element.object(parser).map(repeated) ?? [text(element, parser)]
        }
    }

    private static func repeated(_ piece: JSONObject) -> [[UInt8]] {
        let text = piece["of"]!.string!
        return (0..<Int(piece["times"]!.integer!)).map { Array(text.replacing("%d", with: "\($0)").utf8) }
    }

    private static func bytes(ofHex text: String) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}

extension EventCase.Meaning {
    fileprivate init(_ line: JSONObject, _ parser: JSONParser) {
        func text(_ value: JSONValue?) -> String? {
            value.map { String(decoding: EventCase.text($0, parser), as: UTF8.self) }
        }
        kind = line["kind"]!.string!
        ends = line["ends"]?.bool == true
        isRestart = line["restart"]?.bool == true
        time = line["time"]?.integer
        failure = line["failure"]?.object(parser).map {
            ($0["code"]!.string!, $0["message"]!.string!, $0["retryable"]!.bool!)
        }
        owner = text(line["owner"])
        team = text(line["team"])
        let known = line["known"]?.object(parser)
        func number(_ name: StaticString) -> String? { known?[name].map { String(decoding: $0.raw, as: UTF8.self) } }
        self.known = TaskKnowledge(
            status: text(known?["status"]), progress: number("progress"), currentStage: text(known?["stage"]),
            completedStages: EventCase.texts(known?["done"], parser).map { String(decoding: $0, as: UTF8.self) },
            hasEnded: known?["ended"]?.bool == true, message: text(known?["message"]),
            totalSteps: number("totalSteps"), timeRemaining: number("remaining"))
    }
}
