public import Events
public import JSON

/// A third party's answer about its task (ops/dialects.md):
/// `{"status":"completed"|"processing"|"failed","video_url":"…","progress":100,"error":"…"}`.
public enum ThirdPartyStatus: Equatable, Sendable {
    /// In progress; the progress as JSON text of a number from 0 to 100, nil where it is missing or 0.
    case processing(progress: String?)
    /// Completed.
    case completed(videoURL: String?)
    /// Failed.
    case failed(error: String?)

    /// Bytes of a video's address; a longer one is an error. Signed addresses have some 2 KiB.
    static let maxURLBytes = 16 * 1024
    /// Bytes of a progress as it was written; a longer number is written anew.
    static let maxProgressBytes = 24
    /// Bytes of an error's text; the rest is cut off.
    static let maxErrorBytes = 4 * 1024

    /// Reads an answer's body, or throws its fault; the words of the fault quote none of the body.
    public init(_ body: [UInt8], parser: JSONParser) throws(ThirdPartyFault) {
        guard let object = try? parser.object(body) else { throw .notAnObject }
        switch object["status"]?.string?.lowercased() {
        case "processing": self = .processing(progress: Self.progress(object["progress"]))
        case "completed": self = .completed(videoURL: try Self.url(object["video_url"]))
        case "failed": self = .failed(error: Self.error(object["error"], parser))
        case nil: throw .noStatus
        default: throw .unknownStatus
        }
    }

    private static func progress(_ value: JSONValue?) -> String? {
        guard let value, let number = value.double, number > 0 else { return nil }
        guard number <= 100 else { return "100" }
        // A JSON number may have any number of digits; an event has no room for them.
        return value.raw.count <= maxProgressBytes ? String(decoding: value.raw, as: UTF8.self) : number.description
    }

    private static func url(_ value: JSONValue?) throws(ThirdPartyFault) -> String? {
        guard let url = value?.string, !url.isEmpty else { return nil }
        guard url.utf8.count <= maxURLBytes else { throw .urlTooLong }
        // Escaped, each would take six bytes in the event.
        guard url.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .notAURL }
        return url
    }

    /// The error's text; where it is an object, the text of its `message`.
    private static func error(_ value: JSONValue?, _ parser: JSONParser) -> String? {
        guard let text = value?.string ?? value?.object(parser)?["message"]?.string, !text.isEmpty else { return nil }
        guard text.utf8.count > maxErrorBytes else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: maxErrorBytes)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }
}

/// A fault in a third party's answer.
public enum ThirdPartyFault: String, Error, Sendable {
    /// The body is not a JSON object.
    case notAnObject = "the answer is not a JSON object"
    /// There is no `status`, or it is not a string.
    case noStatus = "the answer has no status"
    /// A status that is none of the three.
    case unknownStatus = "the answer has a status that is none of completed, processing and failed"
    /// The video's address contains a character that no address may.
    case notAURL = "the answer's video_url contains a control character"
    /// The video's address is too long.
    case urlTooLong = "the answer's video_url is too long"
}

extension ThirdPartyStatus {
    /// Whether a task of this status waits for its third party; RUNNING and no status count as PROCESSING.
    public static func isAwaited(_ status: String?) -> Bool {
        guard let status = status?.uppercased() else { return true }
        return status == "QUEUED" || isProcessing(status)
    }

    private static func isProcessing(_ status: String?) -> Bool {
        guard let status = status?.uppercased() else { return true }
        return status == "PROCESSING" || status == "RUNNING"
    }

    /// The event that tells the news to a task of which `known` is known; nil where there is no news.
    public func event(after known: TaskKnowledge) -> [UInt8]? {
        switch self {
        case .processing(let progress): Self.progressEvent(progress, after: known)
        case .completed(let videoURL): Self.completedEvent(videoURL)
        case .failed(let error): Self.failedEvent(error, after: known)
        }
    }

    private static func progressEvent(_ progress: String?, after known: TaskKnowledge) -> [UInt8]? {
        let stored = known.progress ?? "0"
        let progress = progress ?? stored
        if isProcessing(known.status), Double(progress) == Double(stored) { return nil }
        return write("progress") { writer in
            writer.key("status")
            writer.string("PROCESSING")
            writer.key("progress")
            writer.raw(progress.utf8)
        }
    }

    private static func completedEvent(_ videoURL: String?) -> [UInt8] {
        write("completed") { writer in
            writer.key("progress")
            writer.integer(100)
            writer.key("result")
            writer.beginObject()
            if let videoURL {
                writer.key("videoUrl")
                writer.string(videoURL)
            }
            writer.endObject()
        }
    }

    /// The task keeps the progress that it had reached.
    private static func failedEvent(_ error: String?, after known: TaskKnowledge) -> [UInt8] {
        write("failed") { writer in
            if let progress = known.progress {
                writer.key("progress")
                writer.raw(progress.utf8)
            }
            guard let error else { return }
            writer.key("error")
            writer.string(error)
        }
    }

    private static func write(_ type: StaticString, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.key("type")
        writer.string(type)
        body(&writer)
        writer.endObject()
        return writer.bytes
    }
}
