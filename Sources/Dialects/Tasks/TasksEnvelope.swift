import Events
import JSON

/// The fields around the payload of every message of tasks: `{type, id?, timestamp, payload}`.
struct TasksEnvelope {
    private let type: Words
    private let request: RequestID?
    private let timestamp: Int64

    init(_ type: Words, _ request: RequestID?, _ timestamp: Int64) {
        self.type = type
        self.request = request
        self.timestamp = timestamp
    }

    init(_ type: StaticString, _ request: RequestID?, _ timestamp: Int64) {
        self.init(.fixed(type), request, timestamp)
    }

    /// The message; `payload` writes the payload's fields.
    func encode(capacity: Int = 256, payload: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: capacity)
        writer.beginObject()
        writer.type(type)
        if let id = request?.raw {
            writer.key("id")
            writer.raw(id)
        }
        writer.key("timestamp")
        writer.integer(timestamp)
        writer.key("payload")
        writer.beginObject()
        payload(&writer)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}
