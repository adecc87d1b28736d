import HTTP
import Testing

@testable import Access

@Suite("The token of a request")
struct CredentialsTests {
    private func credentials(_ target: String, _ fields: String...) throws -> Credentials {
        let lines = ["GET \(target) HTTP/1.1", "Host: a"] + fields + ["", ""]
        return Credentials(try RequestHead(parsing: Array(lines.joined(separator: "\r\n").utf8)))
    }

    @Test("is in the query or in Authorization; the query wins")
    func places() throws {
        #expect(try credentials("/ws?token=q") == .token("q"))
        #expect(try credentials("/ws", "Authorization: Bearer h") == .token("h"))
        #expect(try credentials("/ws?token=q", "Authorization: Bearer h") == .token("q"))
        #expect(try credentials("/ws?token=q", "Authorization: Basic dTpw") == .token("q"))
        #expect(try credentials("/ws?token=", "Authorization: Bearer h") == .token("h"))
        #expect(try credentials("/ws?token=&token=q") == .none)
        #expect(try credentials("/ws?tokens=q") == .none)
    }

    @Test(
        "the scheme is Bearer, in any case",
        arguments: ["Bearer h", "bearer h", "BEARER h"])
    func schemes(_ value: String) throws {
        #expect(try credentials("/ws", "authorization: \(value)") == .token("h"))
    }

    @Test(
        "another scheme, or none, is no token",
        arguments: ["Basic dTpw", "Bearer", "Bearer ", "h", "Bearerh", "", "Token h"])
    func otherSchemes(_ value: String) throws {
        #expect(try credentials("/ws", "Authorization: \(value)") == .otherScheme)
    }

    @Test("two fields are ambiguous and refused")
    func twice() throws {
        #expect(try credentials("/ws", "Authorization: Bearer a", "Authorization: Bearer b") == .otherScheme)
        #expect(try credentials("/ws", "Authorization: Basic dTpw", "Authorization: Bearer b") == .otherScheme)
    }
}
