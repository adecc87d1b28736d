/// A response: status, fields, body.
public struct Response: Sendable, Equatable {
    /// The status code.
    public var status: Int
    /// The fields, without `Content-Length` and `Connection`, which encoding writes.
    public var headers: Headers
    /// The bytes as they are sent; empty for an answer without a body.
    public var body: [UInt8]

    /// An answer with all its parts.
    public init(status: Int, headers: Headers = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Appends fields.
    public mutating func add(_ more: Headers) {
        for field in more.fields { headers.add(field.name, field.value) }
    }

    /// An answer of JSON text.
    public static func json(_ body: [UInt8], status: Int = 200, headers: Headers = [:]) -> Response {
        var response = Response(status: status, headers: headers, body: body)
        response.headers.add("Content-Type", "application/json")
        return response
    }

    /// `{"error":{"code","message"}}` with the fields that go with the status: `Allow`, `Retry-After`, ….
    public static func error(_ error: HTTPError, headers: Headers = [:]) -> Response {
        json(errorBody(code: error.code, message: error.message), status: error.status, headers: headers)
    }

    /// The same from its parts.
    public static func error(_ status: Int, _ code: ErrorCode, _ message: String, headers: Headers = [:]) -> Response {
        error(HTTPError(status: status, code: code, message: message), headers: headers)
    }
}
