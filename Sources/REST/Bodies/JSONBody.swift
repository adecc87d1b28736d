import HTTP
import JSON
import Settings

/// A request's body that is one JSON object.
struct JSONBody {
    let object: JSONObject
    let parser: JSONParser

    /// Reads it; 415, 400 or 422 where it is none.
    init(_ request: Request, limits: NodeLimits) throws(Refusal) {
        try Self.requireJSON(request.head)
        parser = JSONParser(maxBytes: limits.http.maxBodyBytes, maxDepth: limits.jsonDepth)
        do {
            object = try parser.object(request.body)
        } catch {
            if error.code == .notAnObject { throw Self.refusal("the body must be a JSON object") }
            throw Self.refusal(of: error, in: request.body)
        }
        // A duplicate key is ambiguous.
        if let key = object.repeatedKey {
            throw Self.refusal("the field \(String.UnicodeScalarView(key.unicodeScalars.prefix(64))) appears twice")
        }
    }

    /// 415 where the head gives the body another type or an encoding (RFC 9110 15.5.16).
    static func requireJSON(_ head: RequestHead) throws(Refusal) {
        if let coding = head.headers["Content-Encoding"], coding.lowercased() != "identity" {
            throw Refusal(
                415, .unsupportedMediaType, "expected a body without Content-Encoding, got \(coding.prefix(32))",
                headers: ["Accept-Encoding": "identity"])
        }
        guard let type = head.headers["Content-Type"] else { return }
        let media = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        guard media == "application/json" || media.hasSuffix("+json") else {
            throw Refusal(415, .unsupportedMediaType, "expected Content-Type: application/json")
        }
    }

    /// A field that must be a string where it is present.
    func string(_ key: StaticString) throws(Refusal) -> String? {
        guard let value = object[key], !value.isNull else { return nil }
        guard let text = value.string else { throw Self.refusal("\(key) must be a string") }
        return text
    }

    /// A field that must be an object where it is present.
    func object(_ key: StaticString) throws(Refusal) -> JSONObject? {
        guard let value = object[key], !value.isNull else { return nil }
        guard let inner = value.object(parser) else { throw Self.refusal("\(key) must be an object") }
        return inner
    }

    /// Invalid JSON is 400; valid JSON that nests too deeply is 422, as all valid JSON with wrong contents.
    static func refusal(of error: JSONError, in body: [UInt8]) -> Refusal {
        if error.code == .tooDeep, (try? JSONParser(maxBytes: body.count, maxDepth: 1024).value(body)) != nil {
            return refusal("the body is nested too deeply")
        }
        return Refusal(400, .badRequest, "the body is not JSON: \(error.message)")
    }

    /// 422 with the reason.
    static func refusal(_ message: String) -> Refusal { Refusal(422, .invalidEvent, message) }
}
