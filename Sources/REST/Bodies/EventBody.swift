import Events
import Dialects
import HTTP
import JSON
import Settings
import Store

/// The events in a request's body: one object, or an array of them.
enum EventBody {
    /// Reads and checks every event before any is published.
    static func read(_ request: Request, limits: NodeLimits) throws(Refusal) -> [PublishScript.Entry] {
        try JSONBody.requireJSON(request.head)
        // A batch's array is a level of its own; its events may nest as deeply as a single one.
        let isBatch = request.body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "[")
        let maxDepth = limits.jsonDepth + (isBatch ? 1 : 0)
        let parser = JSONParser(maxBytes: limits.http.maxBodyBytes, maxDepth: maxDepth)
        let value: JSONValue
        do { value = try parser.value(request.body) } catch { throw JSONBody.refusal(of: error, in: request.body) }
        guard value.kind == .array else { return [try event(value, index: nil, parser, limits)] }
        let elements = value.elements ?? []
        guard !elements.isEmpty else { throw Refusal(422, .invalidEvent, "the array holds no event") }
        guard elements.count <= limits.batchEvents else {
            throw Refusal(422, .invalidEvent, "at most \(limits.batchEvents) events in one request")
        }
        var batch: [PublishScript.Entry] = []
        for (index, element) in elements.enumerated() {
            batch.append(try event(element, index: index, parser, limits))
        }
        return batch
    }

    private static func event(
        _ value: JSONValue, index: Int?, _ parser: JSONParser, _ limits: NodeLimits
    ) throws(Refusal) -> PublishScript.Entry {
        let json = Array(value.raw)
        guard json.count <= limits.eventBytes else {
            let message = "more than \(limits.eventBytes) bytes"
            // In a batch the index of the wrong event matters more.
            throw index == nil ? Refusal(413, .tooLarge, message) : refusal(message, index)
        }
        guard let object = value.object(parser) else {
            throw refusal("an event is a JSON object", index)
        }
        do {
            return (json, try Event(object, parser: parser))
        } catch {
            throw refusal(error.message, index)
        }
    }

    private static func refusal(_ message: String, _ index: Int?) -> Refusal {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.key("code")
        writer.string(ErrorCode.invalidEvent.rawValue)
        writer.key("message")
        writer.string(describe(message, index))
        if let index {
            writer.key("index")
            writer.integer(Int64(index))
        }
        writer.endObject()
        writer.endObject()
        return Refusal(.json(writer.bytes, status: 422))
    }

    private static func describe(_ message: String, _ index: Int?) -> String {
        index.map { "event \($0): \(message)" } ?? message
    }
}
