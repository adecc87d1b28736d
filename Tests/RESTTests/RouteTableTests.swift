import Access
import Events
import HTTP
import Testing

@testable import REST

@Suite("RouteTable")
struct RouteTableTests {
    private let table = RouteTable([
        Route(.get, "/things", open: { _ in Response(status: 200) }),
        Route(.post, "/things", .publish, takesBody: true, { _ in Response(status: 201) }),
        Route(
            streamOf: "/things/{id}",
            { call throws(Refusal) in
                EventStreamRoute(caller: call.caller, channel: .task(try call.task()), since: nil)
            }),
        Route(.get, "/things/{id}", .any, { _ in Response(status: 200) }),
        Route(.delete, "/things/{id}", .admin, { _ in Response(status: 202) }),
        Route(.get, "/inside", port: .operators, whileStopping: true, open: { _ in Response(status: 200) }),
        Route(nil, "/everywhere", port: .both, open: { _ in Response(status: 426) }),
    ])

    private func head(_ method: String, _ path: String, accept: String? = nil) throws -> RequestHead {
        let field = accept.map { "Accept: \($0)\r\n" } ?? ""
        return try RequestHead(
            parsing: Array("\(method) \(path) HTTP/1.1\r\nHost: a\r\n\(field)Content-Length: 0\r\n\r\n".utf8))
    }

    /// The found row as a line: its method and pattern, and the segments for its names; or why there is none.
    private func find(
        _ method: String, _ path: String, at role: ListenerRole = .everything, accept: String? = nil
    ) throws -> String {
        switch table.find(try head(method, path, accept: accept), at: role) {
        case .nothing: return "nothing"
        case .otherPort: return "other port"
        case .otherMethods(let rows): return "allow \(rows.allowed)"
        case .route(let route, let values):
            let kind = if case .stream = route.handler { "stream" } else { route.method?.rawValue ?? "any" }
            return ([kind, route.pattern.text] + values.map { "\($0)=\($1)" }).joined(separator: " ")
        }
    }

    @Test(
        "every method of every path",
        arguments: [
            ("GET", "/things", "GET /things"), ("HEAD", "/things", "GET /things"), ("POST", "/things", "POST /things"),
            ("DELETE", "/things", "allow GET, HEAD, POST"), ("PUT", "/things", "allow GET, HEAD, POST"),
            ("OPTIONS", "/things", "allow GET, HEAD, POST"), ("GET", "/things/a", "GET /things/{id} id=a"),
            ("HEAD", "/things/a", "GET /things/{id} id=a"), ("DELETE", "/things/a", "DELETE /things/{id} id=a"),
            ("POST", "/things/a", "allow GET, HEAD, DELETE"), ("PATCH", "/everywhere", "any /everywhere"),
            ("GET", "/everywhere", "any /everywhere"),
        ])
    func methods(_ method: String, _ path: String, _ found: String) throws {
        #expect(try find(method, path) == found)
    }

    @Test(
        "a segment is compared as it reads once it is decoded; an empty one counts",
        arguments: [
            ("/things/a%2Fb", "GET /things/{id} id=a/b"), ("/%74hings", "GET /things"), ("/things?a=/b", "GET /things"),
            ("/things/", "GET /things/{id} id="), ("/things//", "nothing"), ("//things", "nothing"), ("/", "nothing"),
            ("/Things", "nothing"), ("/things/a/b", "nothing"), ("/things%2Fa", "nothing"), ("/inside/", "nothing"),
        ])
    func segments(_ path: String, _ found: String) throws { #expect(try find("GET", path) == found) }

    @Test("a stream is for those who accept one, with GET")
    func streams() throws {
        #expect(try find("GET", "/things/a", accept: "text/event-stream") == "stream /things/{id} id=a")
        #expect(try find("GET", "/things/a", accept: "application/json") == "GET /things/{id} id=a")
        #expect(try find("HEAD", "/things/a", accept: "text/event-stream") == "GET /things/{id} id=a")
        #expect(try find("GET", "/things", accept: "text/event-stream") == "GET /things")
    }

    @Test("a port serves its own rows; for any method of other rows it names the other port")
    func ports() throws {
        #expect(try find("GET", "/inside", at: .operators) == "GET /inside")
        #expect(try find("POST", "/inside", at: .operators) == "allow GET, HEAD")
        for method in ["GET", "POST"] {
            #expect(try find(method, "/inside", at: .clients) == "other port")
            #expect(try find(method, "/things", at: .operators) == "other port")
        }
        for role in [ListenerRole.everything, .clients, .operators] {
            #expect(try find("GET", "/everywhere", at: role) == "any /everywhere")
            #expect(try find("GET", "/nowhere", at: role) == "nothing")
        }
    }
}
