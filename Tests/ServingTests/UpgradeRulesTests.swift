import REST
import Access
import HTTP
import Testing

@testable import Serving

@Suite("UpgradeRules")
struct UpgradeRulesTests {
    private func head(_ target: String = "/ws", _ fields: [String] = []) throws -> RequestHead {
        let handshake = [
            "Host: h.example", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        let lines = ["GET \(target) HTTP/1.1"] + handshake + fields + ["", ""]
        return try RequestHead(parsing: Array(lines.joined(separator: "\r\n").utf8))
    }

    private func rules(isDevelopment: Bool = false) -> UpgradeRules {
        UpgradeRules(origins: OriginPolicy(allowed: [], isDevelopment: isDevelopment))
    }

    /// The status that refuses a request; nil where it becomes a WebSocket.
    private func status(_ rules: UpgradeRules, _ head: RequestHead, _ role: ListenerRole = .everything) -> Int? {
        do { _ = try rules.accept(head, role: role) } catch { return error.response.status }
        return nil
    }

    @Test("a good request becomes a WebSocket of the dialect that its address selects")
    func good() throws {
        #expect(try "\(rules().accept(head(), role: .clients).dialect)" == "tasks")
        #expect(try "\(rules().accept(head("/ws?token=x"), role: .everything).dialect)" == "jobs")
    }

    @Test("a full or draining node, an internal port and an unknown path accept none")
    func refused() throws {
        var full = rules()
        full.isFull = true
        var stopping = rules()
        stopping.isDraining = true
        #expect(try status(full, head()) == 503 && status(stopping, head()) == 503)
        #expect(try status(rules(), head(), .operators) == 404)
        #expect(try status(rules(), head("/elsewhere")) == 404)
        #expect(throws: Refusal.self) { try stopping.accept(head(), role: .clients) }
    }

    @Test("a page of another origin, and on a development node a host that others can point here, are refused")
    func origins() throws {
        let page = try head("/ws", ["Origin: https://elsewhere.example"])
        #expect(status(rules(), page) == 403)
        #expect(try status(rules(), head("/ws", ["Origin: https://h.example"])) == nil)
        #expect(try status(rules(isDevelopment: true), head()) == 403)
    }

    @Test("an incomplete handshake is refused by RFC 6455")
    func incomplete() throws {
        let text = "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        let head = try RequestHead(parsing: Array(text.utf8))
        #expect(head.wantsWebSocket)
        #expect(try #require(status(rules(), head)) >= 400)
    }
}
