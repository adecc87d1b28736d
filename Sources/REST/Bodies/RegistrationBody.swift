import Events
import Dialects
import HTTP
import JSON
import Settings
import Store

/// The body of `POST /api/v1/tasks`: `{task_id, status?, owner?, team?, metadata?}` and, beside or in the metadata,
/// `externalTaskId`, `apiKey`, `apiEndpoint`.
struct RegistrationBody {
    /// The task's id, which the application chose.
    let task: Identifier
    /// Its first event: its status, with progress 0.
    let event: PublishScript.Entry
    /// The secrets that are kept beside its events.
    private(set) var secrets = RegistrationScript.Secrets()

    /// Reads and checks the body; throws 422 where it is wrong.
    init(_ body: JSONBody, limits: NodeLimits, upstreams: [UpstreamEndpoint]) throws(Refusal) {
        guard let id = try body.string("task_id") else { throw JSONBody.refusal("task_id is missing") }
        guard let task = Identifier(id) else {
            throw JSONBody.refusal("a task's id is \(Identifier.rule)")
        }
        self.task = task
        event = try Self.event(body)
        let metadata = try body.object("metadata")
        let places = [metadata, body.object].compactMap(\.self)
        secrets.externalID = try Self.externalID(in: places, limits)
        secrets.apiKey = try Self.apiKey(in: places, limits)
        // Stored now: another node's default third party, or a later one, must not get this one's key.
        secrets.endpoint = try Self.endpoint(in: places, upstreams) ?? upstreams.first
        secrets.metadata = metadata.map(Self.withoutSecrets)
        if let kept = secrets.metadata, kept.count > limits.metadataBytes {
            throw JSONBody.refusal("metadata has more than \(limits.metadataBytes) bytes")
        }
    }

    // MARK: The event

    private static func event(_ body: JSONBody) throws(Refusal) -> PublishScript.Entry {
        let status = try body.string("status") ?? "QUEUED"
        guard !status.isEmpty else { throw JSONBody.refusal("status must not be empty") }
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.key("type")
        writer.string("progress")
        writer.key("status")
        writer.string(status)
        writer.key("progress")
        writer.integer(0)
        for (key, value) in [("owner", body.object["owner"]), ("team", body.object["team"])] {
            guard let value, !value.isNull else { continue }
            writer.key(key)
            writer.value(value)
        }
        writer.endObject()
        do {
            return (writer.bytes, try Event(body.parser.object(writer.bytes), parser: body.parser))
        } catch let error as EventError {
            throw JSONBody.refusal(error.message)
        } catch {
            throw JSONBody.refusal("\(error)")
        }
    }

    // MARK: The third party

    /// The first value of `key` that is not `null`.
    private static func value(_ key: StaticString, in places: [JSONObject]) -> JSONValue? {
        places.lazy.compactMap { $0[key] }.first { !$0.isNull }
    }

    private static func externalID(in places: [JSONObject], _ limits: NodeLimits) throws(Refusal) -> String? {
        guard let value = value("externalTaskId", in: places) else { return nil }
        // A segment of dots only would be another path (RFC 3986 5.2.4).
        guard let id = value.string ?? value.digits, (1...limits.externalIDBytes).contains(id.utf8.count),
            id != ".", id != ".."
        else {
            throw JSONBody.refusal("externalTaskId must be a string of 1 to \(limits.externalIDBytes) bytes")
        }
        return id
    }

    private static func apiKey(in places: [JSONObject], _ limits: NodeLimits) throws(Refusal) -> String? {
        guard let value = value("apiKey", in: places) else { return nil }
        // It becomes a header, in which a line feed would begin another one.
        guard let key = value.string, (1...limits.upstreamKeyBytes).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            throw JSONBody.refusal(
                "apiKey must be a string of 1 to \(limits.upstreamKeyBytes) printable ASCII characters")
        }
        return key
    }

    private static func endpoint(
        in places: [JSONObject], _ upstreams: [UpstreamEndpoint]
    ) throws(Refusal) -> UpstreamEndpoint? {
        guard let value = value("apiEndpoint", in: places) else { return nil }
        guard let endpoint = value.string.flatMap({ UpstreamEndpoint($0) }) else {
            throw JSONBody.refusal("apiEndpoint must be a URL: http or https, host, port and path only")
        }
        guard upstreams.contains(where: endpoint.isSameParty) else {
            throw JSONBody.refusal("apiEndpoint is none of the third parties this node may ask (--upstream)")
        }
        return endpoint
    }

    /// The metadata without the fields that are stored separately.
    private static func withoutSecrets(_ metadata: JSONObject) -> [UInt8] {
        var writer = JSONWriter(capacity: metadata.bytes.count)
        writer.beginObject()
        let taken: [StaticString] = ["externalTaskId", "apiKey", "apiEndpoint"]
        for field in metadata.fields where !taken.contains(where: field.hasKey) { writer.field(field) }
        writer.endObject()
        return writer.bytes
    }
}
