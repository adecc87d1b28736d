public import Events
import JSON

/// Events as server-sent events (HTML Standard, 9.2): the published event or the task's state, with its position as id,
/// so that a browser resumes by itself.
public enum ServerSentEvent {
    /// Sent at intervals, so that proxies see a live connection.
    public static let comment = Array(": still here\n\n".utf8)

    /// `id: <epoch>:<sequence>`, `event: missed`: so many events up to that position are lost, and none has followed.
    public static func encode(missed count: UInt64, upTo position: Position) -> [UInt8] {
        Array("id: \(position.epoch):\(position.sequence)\n".utf8) + event(missed: count, upTo: position)
    }

    private static func event(missed count: UInt64, upTo position: Position) -> [UInt8] {
        var writer = JSONWriter(capacity: 96)
        writer.beginObject()
        writer.missed(count, upTo: position)
        writer.endObject()
        return Array("event: missed\ndata: ".utf8) + writer.bytes + [0x0A, 0x0A]
    }

    /// `id: <epoch>:<sequence>`, `data: <the event>`. A state, and the first event of another epoch, is `event:
    /// snapshot` with a ``TaskState``; an event that is no state follows that as itself. A gap comes first, as an event
    /// of its own without an id: a client that got only the gap asks for both again.
    public static func encode(_ delivery: Delivery) -> [UInt8] {
        var missed: [UInt8] = []
        if delivery.missed > 0, let before = delivery.placeBefore {
            missed = event(missed: delivery.missed, upTo: before)
        }
        guard delivery.isSnapshot || delivery.epochMark == .changed else {
            return missed + encode(delivery.event.object.bytes, at: delivery.position, isSnapshot: false)
        }
        var writer = JSONWriter(capacity: 2 * delivery.event.object.bytes.count + 512)
        TaskState(delivery).write(to: &writer)
        let state = missed + encode(writer.bytes, at: delivery.position, isSnapshot: true)
        guard !delivery.event.isStateBearing else { return state }
        return state + encode(delivery.event.object.bytes, at: delivery.position, isSnapshot: false)
    }

    private static func encode(_ json: [UInt8], at position: Position?, isSnapshot: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(json.count + 96)
        if let position { bytes += Array("id: \(position.epoch):\(position.sequence)\n".utf8) }
        if isSnapshot { bytes += Array("event: snapshot\n".utf8) }
        // JSON may have line ends between its values; a client joins the lines again.
        for line in json.split(omittingEmptySubsequences: false, whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            bytes += Array("data: ".utf8)
            bytes += line
            bytes.append(0x0A)
        }
        bytes.append(0x0A)
        return bytes
    }

    /// The position in a `Last-Event-ID`; nil where it is none of Fantail's.
    public static func position(_ id: String) -> Position? {
        let parts = id.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, Identifier.isValid(parts[0].utf8), let sequence = Position.sequence(parts[1]) else {
            return nil
        }
        return Position(epoch: String(parts[0]), sequence: sequence)
    }
}

extension Delivery {
    /// The position up to which the gap before it reaches: a state replaces the event at its own position, too.
    fileprivate var placeBefore: Position? {
        position.map { Position(epoch: $0.epoch, sequence: isSnapshot ? $0.sequence : max(1, $0.sequence) - 1) }
    }
}
