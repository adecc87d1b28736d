import Examples
import JSON
import Testing

@testable import Dialects
@testable import Events

@Suite("The traits of a dialect")
struct DialectTraitsTests {
    private let words = Words()

    @Test("path and query select the dialect, a subprotocol takes precedence")
    func choice() {
        #expect(DialectName.choose(path: "/ws", query: ["token"], subprotocols: []) == .jobs)
        #expect(DialectName.choose(path: "/ws", query: [], subprotocols: []) == .tasks)
        #expect(DialectName.choose(path: "/ws", query: ["clientId"], subprotocols: []) == .tasks)
        #expect(DialectName.choose(path: "/api/v1/ws", query: ["token"], subprotocols: []) == .presence)
        #expect(DialectName.choose(path: "/api/v1/ws", query: ["token", "clientId"], subprotocols: []) == .topics)
        #expect(DialectName.choose(path: "/api/v1/ws", query: ["protocol"], subprotocols: []) == .topics)
        #expect(DialectName.choose(path: "/ws", query: ["token"], subprotocols: ["x", "fantail.tasks"]) == .tasks)
        #expect(DialectName.choose(path: "/ws", query: [], subprotocols: ["fantail.jobs"]) == .jobs)
        #expect(DialectName.choose(path: "/other", query: ["token"], subprotocols: ["fantail.jobs"]) == nil)
    }

    @Test("no two dialects share a name or an address, and each path has one default dialect")
    func addresses() {
        let dialects = DialectName.allCases.map(\.dialect)
        #expect(Set(dialects.map { $0.name }).count == dialects.count)
        for path in Set(dialects.map { $0.traits.address.path }) {
            let there = dialects.map { $0.traits.address }.filter { $0.path == path }
            #expect(there.count { $0.queryNames.isEmpty } == 1)
            #expect(Set(there.flatMap(\.queryNames)).count == there.reduce(0) { $0 + $1.queryNames.count })
        }
    }

    @Test("a dialect writes the greeting that its traits name", arguments: DialectName.allCases)
    func greetings(_ dialect: DialectName) {
        let greeting: ServerMessage =
            switch dialect.traits.greeting {
            case .welcome: .welcome(clientID: "c", heartbeatMilliseconds: 1)
            case .authenticated: .authenticated(user: "u", username: "n", sessionID: "s", expiresAt: 1, request: nil)
            case .onlineCount: .connected(user: "u", welcome: "n", onlineCount: 1)
            }
        #expect(words.encode(greeting, dialect).count == 1)
    }

    @Test("an event has an id to acknowledge it by exactly where clients acknowledge", arguments: DialectName.allCases)
    func acknowledging(_ dialect: DialectName) {
        let id = dialect.dialect.messageID(of: words.delivery(#"{"progress":5}"#, sequence: 7))
        #expect((id != nil) == dialect.traits.acknowledges)
        #expect(dialect.dialect.messageID(of: words.delivery(#"{"progress":5}"#)) == nil)
    }

    @Test(
        "a batch is one message in the dialect's own form, and has every message unchanged",
        arguments: [
            (.jobs, #"{"type":"batch","data":{"updates":[{"a":1},{"b":[2]}],"timestamp":"2025-11-13T02:13:20.000Z"}}"#),
            (.tasks, #"{"type":"taskBatch","timestamp":1763000000000,"payload":{"updates":[{"a":1},{"b":[2]}]}}"#),
            (.presence, #"{"type":"batch","data":{"updates":[{"a":1},{"b":[2]}]},"timestamp":"2025-11-13T02:13:20Z"}"#),
            (
                .topics,
                #"{"type":"batch","data":{"updates":[{"a":1},{"b":[2]}]},"timestamp":1763000000000,"#
                    + #""messageId":"msg_o-7"}"#
            ),
        ] as [(DialectName, String)])
    func batches(_ dialect: DialectName, _ expected: String) {
        let messages = [#"{"a":1}"#, #"{"b":[2]}"#].map { Array($0.utf8) }
        let stamp = MessageStamp(now: 1_763_000_000_000, origin: "o", serial: 7)
        #expect(dialect.dialect.batch(messages, stamp: stamp).map { String(decoding: $0, as: UTF8.self) } == [expected])
    }

    @Test("the query asks for batches with 1 or true, and with nothing else", arguments: DialectName.allCases)
    func asksForBatches(_ dialect: DialectName) {
        for (value, isAsked) in [
            ("1", true), ("true", true), ("0", false), ("", false), ("11", false), ("TRUE", false),
        ] {
            #expect(dialect.dialect.asksForBatches { $0 == "batch" ? value : "1" } == isAsked)
        }
        #expect(!dialect.dialect.asksForBatches { _ in nil })
    }

    @Test(
        "a topics client names itself, or is refused where it cannot be served",
        arguments: [
            ("", "", nil, true), ("1", "c-1", "c-1", true), ("1.0", "c-1", "c-1", true), ("1.7", "", nil, true),
            ("2.0", "c-1", nil, false), ("1.x", "", nil, false), (" 1", "", nil, false), ("1.0", "c 1", nil, false),
        ] as [(String, String, String?, Bool)])
    func clientID(_ version: String, _ name: String, _ expected: String?, _ isServed: Bool) {
        let query = ["protocol": version, "clientId": name]
        do throws(Fault) {
            let found = try DialectName.topics.dialect.clientID { query[$0] }
            #expect(isServed && found == expected)
        } catch {
            #expect(!isServed && error.code == .protocolError)
        }
    }

    @Test("other dialects ignore a name in the query", arguments: [DialectName.jobs, .tasks, .presence])
    func noClientID(_ dialect: DialectName) throws {
        #expect(try dialect.dialect.clientID { _ in "c 1" } == nil)
    }
}
