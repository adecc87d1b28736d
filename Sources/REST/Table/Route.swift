import Access
import HTTP

/// One row of REST's table: the path and method, who may call it, by which port, and the handler.
struct Route {
    /// The methods of rows. A row of GET also answers HEAD (RFC 9110 9.3.2).
    enum Method: String {
        case get = "GET"
        case post = "POST"
        case delete = "DELETE"

        /// The methods that a row of this one answers, for `Allow`.
        var words: [String] { self == .get ? ["GET", "HEAD"] : [rawValue] }
    }

    /// The scope that a caller needs.
    enum Scope: String {
        /// Any valid token or key.
        case any = ""
        case publish, admin
    }

    /// The port that serves a row, on a node with a separate port for operators.
    enum Port {
        case clients, operators, both
    }

    /// Answers a request of any caller.
    typealias OpenAnswer = nonisolated(nonsending) (Request) async throws(Refusal) -> Response
    /// Answers a request of an identified caller.
    typealias Answer = nonisolated(nonsending) (Call) async throws(Refusal) -> Response

    /// Answers a request.
    enum Handler {
        /// For any caller: the node checks no token.
        case open(OpenAnswer)
        /// For identified callers with the scope.
        case known(Scope, Answer)
        /// For identified callers, who get events as long as they stay. A row of this kind answers the requests for a
        /// path that accept an event stream.
        case stream((Call) throws(Refusal) -> EventStreamRoute)
    }

    /// Nil where the path takes any method.
    let method: Method?
    let pattern: PathPattern
    let handler: Handler
    /// The port that serves the row.
    var port = Port.clients
    /// Whether the node reads the request's body. Other requests' bodies are skipped.
    var takesBody = false
    /// Whether a request may carry `Idempotency-Key`, so that sending it twice does its work once.
    var isRepeatable = false
    /// Whether a draining node answers.
    var answersWhileStopping = false

    /// A row for any caller.
    init(
        _ method: Method?, _ path: String, port: Port = .clients, whileStopping: Bool = false,
        open answer: @escaping OpenAnswer
    ) {
        self.method = method
        pattern = PathPattern(path)
        handler = .open(answer)
        self.port = port
        answersWhileStopping = whileStopping
    }

    /// A row for callers that have `scope`.
    init(
        _ method: Method, _ path: String, _ scope: Scope, port: Port = .clients, takesBody: Bool = false,
        isRepeatable: Bool = false,
        _ answer: @escaping Answer
    ) {
        self.method = method
        pattern = PathPattern(path)
        handler = .known(scope, answer)
        self.port = port
        self.takesBody = takesBody
        self.isRepeatable = isRepeatable
    }

    /// A row for callers that want an event stream.
    init(streamOf path: String, _ open: @escaping (Call) throws(Refusal) -> EventStreamRoute) {
        method = .get
        pattern = PathPattern(path)
        handler = .stream(open)
    }

    /// Whether the row answers requests with this method and `Accept`.
    func takes(_ head: RequestHead) -> Bool {
        switch handler {
        // A stream has no end, so HEAD does not exist for it.
        case .stream: head.method == "GET" && head.headers.has("text/event-stream", in: "Accept")
        case .open, .known: method?.words.contains(head.method) ?? true
        }
    }
}

extension ListenerRole {
    /// Whether the port serves the rows of `port`.
    func serves(_ port: Route.Port) -> Bool {
        switch self {
        case .everything: true
        case .clients: port != .operators
        case .operators: port != .clients
        }
    }
}
