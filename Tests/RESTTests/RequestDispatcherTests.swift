import Access
import Events
import HTTP
import Synchronization
import Testing

@testable import REST

@Suite("RequestDispatcher")
struct RequestDispatcherTests {
    private final class Survey: NodeSurvey {
        let stopping = Atomic(false)
        var isStopping: Bool { stopping.load(ordering: .relaxed) }
        nonisolated(nonsending) func condition() async -> NodeCondition { NodeCondition([]) }
        nonisolated(nonsending) func metrics() async -> [UInt8] { [] }
    }

    private let survey = Survey()
    private let dispatcher: RequestDispatcher

    init() throws {
        let table = RouteTable([
            Route(.get, "/open", open: { _ in Response(status: 200) }),
            Route(.get, "/health", port: .operators, whileStopping: true, open: { _ in Response(status: 200) }),
            Route(
                streamOf: "/any/{id}",
                { call throws(Refusal) in
                    EventStreamRoute(caller: call.caller, channel: .task(try call.task()), since: nil)
                }),
            Route(.get, "/any/{id}", .any, { call in .json(Array(call["id"].utf8)) }),
            Route(.post, "/any/{id}", .publish, takesBody: true, { _ in Response(status: 201) }),
            Route(.post, "/bare", .publish, { _ in Response(status: 202) }),
        ])
        let authenticator = try Authenticator(keys: [], apiKey: "key", acceptsDemoToken: true)
        dispatcher = RequestDispatcher(table, authenticator: authenticator, node: survey) { 0 }
    }

    private func request(
        _ method: String, _ path: String, _ fields: String..., role: ListenerRole = .everything
    ) throws -> Request {
        let lines = ["\(method) \(path) HTTP/1.1", "Host: a", "Content-Length: 0"] + fields + ["", ""]
        return Request(
            head: try RequestHead(parsing: Array(lines.joined(separator: "\r\n").utf8)), body: [], role: role)
    }

    private static let key = "X-API-Key: key"
    private static let demo = "Authorization: Bearer demo-token"

    private func status(
        _ method: String, _ path: String, _ field: String = "X-Nothing: 1", role: ListenerRole = .everything
    ) async throws -> Int {
        await dispatcher.answer(try request(method, path, field, role: role)).status
    }

    @Test("the table says whether a token is needed, and with which scope")
    func scopes() async throws {
        #expect(try await status("GET", "/open") == 200)
        #expect(try await status("GET", "/any/a") == 401)
        #expect(try await status("GET", "/any/a", "X-API-Key: wrong") == 401)
        #expect(try await status("GET", "/any/a", Self.demo) == 200)
        #expect(try await status("POST", "/any/a", Self.demo) == 403)
        #expect(try await status("POST", "/any/a", Self.key) == 201)
    }

    @Test("an unknown path is 404 and another method 405 with Allow, before authentication")
    func missing() async throws {
        #expect(try await status("GET", "/nowhere") == 404)
        let answer = await dispatcher.answer(try request("DELETE", "/any/a"))
        #expect(answer.status == 405 && answer.headers["Allow"] == "GET, HEAD, POST")
    }

    @Test("a handler gets the decoded segment")
    func values() async throws {
        let answer = await dispatcher.answer(try request("GET", "/any/a%2Fb", Self.key))
        #expect(answer.body == Array("a/b".utf8))
    }

    @Test("a body is read where a row takes one, from a caller that may send it, and where it is JSON")
    func bodies() throws {
        #expect(try dispatcher.sender(of: request("POST", "/any/a", Self.key)) == .operatorKey)
        for (method, path) in [("POST", "/bare"), ("GET", "/any/a"), ("POST", "/nowhere"), ("POST", "/open")] {
            #expect(try dispatcher.sender(of: request(method, path)) == nil, "\(method) \(path)")
        }
        #expect(try dispatcher.sender(of: request("POST", "/any/a", role: .operators)) == nil)
        for (fields, status) in [
            ("X-Nothing: 1", 401), (Self.demo, 403), (Self.key + "\r\nContent-Type: text/plain", 415),
        ] {
            do throws(Refusal) {
                _ = try dispatcher.sender(of: try! request("POST", "/any/a", fields))
                Issue.record("not refused: \(fields)")
            } catch {
                #expect(error.response.status == status)
            }
        }
    }

    @Test("a stream is opened for an identified caller, whose token may be in the query")
    func streams() throws {
        let accept = "Accept: text/event-stream"
        #expect(try dispatcher.stream(for: request("GET", "/any/a", Self.demo, accept))?.channel.id == "a")
        #expect(try dispatcher.stream(for: request("GET", "/any/a?token=demo-token", accept))?.caller == .demo)
        #expect(try dispatcher.stream(for: request("GET", "/any/a", Self.demo)) == nil)
        #expect(throws: Refusal.self) { try dispatcher.stream(for: request("GET", "/any/a", accept)) }
    }

    @Test("a draining node answers for operators' pages, and nothing else")
    func stopping() async throws {
        survey.stopping.store(true, ordering: .relaxed)
        #expect(try await status("GET", "/health") == 200)
        #expect(try await status("POST", "/health") == 405)
        #expect(try await status("GET", "/health", role: .clients) == 404)
        for path in ["/open", "/any/a", "/nowhere"] { #expect(try await status("GET", path) == 503, "\(path)") }
        #expect(try await status("DELETE", "/any/a") == 503)
        #expect(throws: Refusal.self) { try dispatcher.sender(of: request("POST", "/any/a", Self.key)) }
        #expect(throws: Refusal.self) {
            try dispatcher.stream(for: request("GET", "/any/a", Self.demo, "Accept: text/event-stream"))
        }
    }
}
