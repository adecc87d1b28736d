import Access
import HTTP

/// One row of the table of REST: what a request asks for, who may ask, by which port, and what answers.
struct Route {
    /// The methods that rows have. A row of GET answers HEAD as well (RFC 9110 9.3.2).
    enum Method: String {
        case get = "GET"
        case post = "POST"
        case delete = "DELETE"

        /// The methods that a row of this one takes, as `Allow` names them.
        var words: [String] { self == .get ? ["GET", "HEAD"] : [rawValue] }
    }

    /// What a caller needs to have.
    enum Scope: String {
        /// A good token or key, of whatever scope.
        case any = ""
        case publish, admin
    }

    /// By which port a row is served, on a node that has one of its own for operators.
    enum Port {
        case clients, operators, both
    }

    /// Answers a request that anybody may make.
    typealias OpenAnswer = nonisolated(nonsending) (Request) async throws(Refusal) -> Response
    /// Answers a request whose caller is known.
    typealias Answer = nonisolated(nonsending) (Call) async throws(Refusal) -> Response

    /// What answers a request.
    enum Handler {
        /// Anybody may ask: nobody looks for a token.
        case open(OpenAnswer)
        /// The caller is known, and has the scope.
        case known(Scope, Answer)
        /// The caller is known, and gets events for as long as it stays. A row of this kind answers those requests for a path
        /// that accept such a stream.
        case stream((Call) throws(Refusal) -> EventStreamRoute)
    }

    /// Nil where the path takes any method.
    let method: Method?
    let pattern: PathPattern
    let handler: Handler
    /// The port that serves the row.
    var port = Port.clients
    /// Whether the request's body is read. A body that comes with any other request is passed over.
    var takesBody = false
    /// Whether a request may carry `Idempotency-Key`, so that sending it twice does its work once.
    var isRepeatable = false
    /// Whether the node answers while it stops.
    var answersWhileStopping = false

    /// A row that anybody may ask for.
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

    /// A row for callers that want to hear of events.
    init(streamOf path: String, _ open: @escaping (Call) throws(Refusal) -> EventStreamRoute) {
        method = .get
        pattern = PathPattern(path)
        handler = .stream(open)
    }

    /// Whether the row answers requests of this method, and of what they accept.
    func takes(_ head: RequestHead) -> Bool {
        switch handler {
        // A stream has no end, so there is no HEAD of it.
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
