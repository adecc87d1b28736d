import Examples
import JSON
import Testing

@testable import Dialects
@testable import Events

/// A dialect that no node has: only the members that a new one must have. The same code as for the others selects,
/// reads, writes and batches it.
private enum Whispers: Dialect {
    static let name = "whispers"
    static let traits = DialectTraits(
        address: DialectAddress("/whispers"), needsUser: true, greeting: .welcome, rooms: [.user, .team])

    static func decode(_ message: JSONObject, parser: JSONParser) throws(DialectFault) -> ClientCommand {
        do throws(Fault) {
            guard let type = message["type"]?.string else { throw .typeMissing }
            guard type == "hear" else { throw .unknownType(type) }
            return .subscribe(try message.task("task", path: "task"), since: message.position, request: nil)
        } catch {
            throw DialectFault(error, request: nil)
        }
    }

    static func encode(_ message: ServerMessage, stamp: MessageStamp) -> [[UInt8]] {
        guard case .delivery(let delivery) = message else { return [] }
        var writer = JSONWriter(capacity: 64)
        writer.beginObject()
        writer.type(.fixed("heard"))
        writer.identity("task", of: delivery.channel)
        writer.otherFields(of: delivery.event, except: [])
        writer.position(of: delivery)
        writer.endObject()
        return [writer.bytes]
    }
}

@Suite("A fifth dialect")
struct FifthDialectTests {
    private let words = Words()
    private let five = DialectName.dialects + [Whispers.self]

    private func chosen(_ path: String, _ query: [String] = [], _ subprotocols: [String] = []) -> String? {
        DialectName.choose(among: five, path: path, query: query, subprotocols: subprotocols).map { five[$0].name }
    }

    @Test("is selected by its path and by its subprotocol, and takes no client from the others")
    func choice() {
        #expect(chosen("/whispers") == "whispers" && chosen("/whispers", ["token"]) == "whispers")
        #expect(chosen("/ws", ["token"], ["fantail.whispers"]) == "whispers")
        #expect(chosen("/ws", ["token"]) == "jobs" && chosen("/ws") == "tasks")
        #expect(chosen("/api/v1/ws") == "presence" && chosen("/api/v1/ws", ["protocol"]) == "topics")
        #expect(chosen("/whisper") == nil)
    }

    @Test("has defaults: no name of the client, no batches, no ids to acknowledge")
    func defaults() throws {
        #expect(try Whispers.clientID { _ in "x" } == nil)
        #expect(Whispers.batch([[1], [2]], stamp: MessageStamp(now: 1, origin: "o", serial: 1)) == [[1], [2]])
        #expect(Whispers.messageID(of: words.delivery("{}", sequence: 1)) == nil)
        #expect(!Whispers.traits.acknowledges && !Whispers.traits.authenticatesByMessage)
        #expect(Whispers.traits.tooManyConnections == .invalidOperation)
    }

    @Test("reads and writes with the helpers of all dialects")
    func sharedWords() throws {
        let command = try Whispers.decode(words.object(#"{"type":"hear","task":"video_xxx"}"#), parser: words.parser)
        #expect(command == .subscribe(words.task, since: nil, request: nil))
        let delivery = words.delivery(#"{"progress":5,"own":[1]}"#, sequence: 3)
        let text = Whispers.encode(.delivery(delivery), stamp: MessageStamp(now: 1, origin: "o", serial: 1))[0]
        #expect(
            String(decoding: text, as: UTF8.self)
                == #"{"type":"heard","task":"video_xxx","progress":5,"own":[1],"sequence":3}"#)
    }
}
