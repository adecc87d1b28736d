import HTTP
import Testing

@testable import Node

@Suite("WantedBody")
struct WantedBodyTests {
    private func isTaken(_ method: String, _ path: String) throws -> Bool {
        let text = "\(method) \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n"
        return WantedBody.isTaken(by: try RequestHead(parsing: Array(text.utf8)))
    }

    @Test(
        "publishing takes a body",
        arguments: [
            "/api/v1/tasks", "/api/v1/tasks?a=b", "/api/v1/tasks/a%2Fb/events", "/api/v1/users/u/notifications",
            "/api/v1/topics/t/messages",
        ])
    func taken(_ path: String) throws {
        #expect(try isTaken("POST", path))
        for method in ["GET", "DELETE", "PUT"] { #expect(try !isTaken(method, path)) }
    }

    @Test(
        "nothing else does",
        arguments: [
            "/", "/ws", "/health/live", "/api/v1", "/api/v1/tasks/a", "/api/v1/tasks/a/events/b", "/api/v1/online",
            "/api/v1/users/u/connections", "/api/v2/tasks", "/tasks", "/api/v1/topics/t",
        ])
    func notTaken(_ path: String) throws { #expect(try !isTaken("POST", path)) }
}
