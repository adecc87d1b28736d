public import Events
import JSON

/// Reads events from Redis' messages. A loop has one, since it keeps the parser's memory.
public final class EventReader {
    private let parser: JSONParser

    /// A reader with the bounds of one event: its bytes, and how deeply it may be nested.
    public init(maxBytes: Int, maxDepth: Int) { parser = JSONParser(maxBytes: maxBytes, maxDepth: maxDepth) }

    /// Why bytes are no event, for people.
    public struct NotAnEvent: Error {
        /// The parser's or the event's own error, for the log.
        public let reason: String
    }

    /// Reads `body` as an event.
    public func event(_ body: UnsafeRawBufferPointer, on channel: ChannelName) throws(NotAnEvent) -> Event {
        try event(on: channel) { () throws(JSONError) in try parser.object(body) }
    }

    /// Reads `body` as an event.
    func event(_ body: [UInt8], on channel: ChannelName) throws(NotAnEvent) -> Event {
        try event(on: channel) { () throws(JSONError) in try parser.object(body) }
    }

    private func event(
        on channel: ChannelName, in object: () throws(JSONError) -> JSONObject
    ) throws(NotAnEvent) -> Event {
        let found: JSONObject
        do throws(JSONError) { found = try object() } catch { throw NotAnEvent(reason: error.message) }
        do throws(EventError) {
            return try Event(found, parser: parser, isOfTask: channel.kind == .task)
        } catch {
            throw NotAnEvent(reason: error.message)
        }
    }

    /// Reads the event behind an envelope, or a payload without one.
    func event(
        behind reading: Envelope.Reading, in payload: UnsafeRawBufferPointer, on channel: ChannelName
    ) throws(NotAnEvent) -> Event {
        guard case .sequenced(let envelope) = reading else { return try event(payload, on: channel) }
        return try event(UnsafeRawBufferPointer(rebasing: payload[envelope.bodyOffset...]), on: channel)
    }

    /// Takes into `knowledge` what a history says was known with an event. Envelopes of live events do not say it.
    func take(knowledgeIn reading: Envelope.Reading, into knowledge: inout TaskKnowledge) {
        guard case .sequenced(let envelope) = reading, let known = envelope.knowledge else { return }
        let stage = known.currentStage.flatMap { (try? parser.value($0))?.string }
        knowledge.take(
            progress: known.progress, status: known.status, currentStage: stage, completedStages: known.completedStages,
            parser: parser)
    }

    /// What Redis knows of a channel now.
    func knowledge(in answer: ChannelAnswer, of channel: ChannelName) -> TaskKnowledge {
        TaskKnowledge(answer.known, hasEnded: answer.hasEnded && channel.kind == .task, parser: parser)
    }
}

extension Envelope.Reading {
    /// The position in the envelope.
    public var position: Position? {
        guard case .sequenced(let envelope) = self else { return nil }
        return Position(epoch: envelope.epoch, sequence: envelope.sequence)
    }

    /// When it was published, milliseconds since 1970.
    var milliseconds: Int64? {
        guard case .sequenced(let envelope) = self else { return nil }
        return envelope.milliseconds
    }
}
