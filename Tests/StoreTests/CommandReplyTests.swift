import Events
import RESP
import Testing

@testable import Store

/// Anybody with access to Redis may have written these values, and a proxy may answer in its place.
@Suite("Replies to single commands")
struct CommandReplyTests {
    /// A reply of every kind, with numbers at the edges of Double and Int64, as integers and as text.
    private static let odd: [RedisValue] =
        [
            .null, .array([]), .array([.null]), .array([.integer(1), .error(RedisReplyError(line: "ERR x"))]),
            .error(RedisReplyError(line: "ERR x")), .bulk([]), .bulk([0xFF]), .bulk(Array("x".utf8)), .status(""),
        ]
        + [Int64.min, -1, 1 << 53, 1 << 53 + 1, .max].map(RedisValue.integer)
        + ["-1", "9007199254740992", "9223372036854775807", "9223372036854775808", "18446744073709551616"]
        .map { .bulk(Array($0.utf8)) }

    private static let wrongType = RedisReplyError(
        line: "WRONGTYPE Operation against a key holding the wrong kind of value")
    private let function = PublishFunction(naming: .standard, limits: HistoryLimits())

    @Test("the version of a library is its text, and empty where it tells none")
    func version() {
        let request = FunctionVersion(.standard)
        #expect(request.command.encoded == RedisCommand("FCALL", "fantail_publish_version", "0").encoded)
        #expect(request.reply(.bulk(Array("9 64 262144 604800".utf8)))?.version == "9 64 262144 604800")
        for value in Self.odd { #expect(request.reply(value) == .init(version: value.string ?? "")) }
    }

    @Test("a Function that Redis does not have is an answer, every other error is a failure")
    func noFunction() {
        let request = FunctionVersion(.standard)
        #expect(
            request.outcome(.failure(.reply(.init(line: "ERR Function not found")))) == .success(.init(version: nil)))
        for line in ["ERR", "NOPERM Function not found", "ERR no Function not found", "LOADING x", "OOM x"] {
            let error = RedisReplyError(line: line)
            #expect(request.outcome(.failure(.reply(error))) == .failure(.reply(error)))
        }
        #expect(request.outcome(.failure(.notReady)) == .failure(.notReady))
    }

    @Test("a library whose name is taken is an answer, unless it replaces that one")
    func load() {
        let (new, replacing) = (FunctionLoad(function, replacing: false), FunctionLoad(function, replacing: true))
        let source = RedisArgument.string(function.source)
        #expect(new.command == RedisCommand("FUNCTION", "LOAD", source))
        #expect(replacing.command == RedisCommand("FUNCTION", "LOAD", "REPLACE", source))
        let taken = RedisReplyError(line: "ERR Library 'fantail' already exists")
        #expect(new.outcome(.failure(.reply(taken))) == .success(.nameTaken))
        #expect(replacing.outcome(.failure(.reply(taken))) == .failure(.reply(taken)))
        let denied = RedisReplyError(line: "NOPERM already exists")
        #expect(new.outcome(.failure(.reply(denied))) == .failure(.reply(denied)))
        #expect(new.reply(.bulk(Array("fantail".utf8))) == .loaded)
        for value in Self.odd { #expect(new.reply(value) == (value.string == nil ? nil : .loaded)) }
    }

    @Test("the subscribers of a channel are a number, and not below nothing")
    func message() {
        let request = EmptyMessage(to: "task:x")
        #expect(request.command == RedisCommand("PUBLISH", "task:x", ""))
        #expect(request.reply(.integer(0)) == 0 && request.reply(.integer(.max)) == .max)
        for value in Self.odd {
            if case .integer(let number) = value, number >= 0 { continue }
            #expect(request.reply(value) == nil)
        }
    }

    @Test("a secret is text or missing, everything else is a failure")
    func secret() {
        let request = StoredSecret(.standard)
        #expect(request.command.key == "ft:{dev}:secret")
        #expect(request.reply(.null) == .init(secret: nil))
        for value in Self.odd where value != .null {
            let text: String? = if case .bulk = value { value.string } else { nil }
            #expect(request.reply(value) == text.map { .init(secret: $0) })
        }
        #expect(request.outcome(.failure(.reply(Self.wrongType))) == .failure(.reply(Self.wrongType)))
    }

    @Test("a secret is stored where Redis has none, and under the key that it is read from")
    func storing() {
        let request = SecretStoring("s", naming: Naming(keyPrefix: "k")!)
        #expect(request.command == RedisCommand("SET", .key("k:{dev}:secret"), "s", "NX"))
        #expect(request.reply(.status("OK")) == true && request.reply(.null) == false)
        for value in Self.odd where value != .null { #expect(request.reply(value) == nil) }
    }

    @Test("no reply traps, whatever the command")
    func all() {
        let (keys, task) = (PresenceKeys(.standard), ChannelName.task(Identifier("t")!))
        for value in Self.odd {
            _ = StoredPosition(of: task, naming: .standard).reply(value)
            _ = RoomsRequest(of: "a", keys: keys).reply(value)
            _ = LeaveRooms(["r"], by: "a", keys: keys).reply(value)
            _ = EmptyRoom("r", of: "a").reply(value)
            _ = RoomViewers(in: "r").reply(value)
            _ = RegisteredLoops(keys: keys).reply(value)
            #expect(ControlSubscribers(of: ["a", "b"], keys: keys).reply(value) == nil)
            _ = TickScript(limits: PresenceLimits(), everyone: "everyone", keys: keys).reply(value)
            _ = PublishCall([[]], to: Identifier("t")!, naming: .standard).reply(value)
        }
        #expect(SecretsExist(of: task, naming: .standard).reply(.integer(.max)) == false)
        #expect(OnlineCount(keys: keys).reply(.integer(.max)) == .max)
    }

    @Test("a command with a key names it, so that a cluster finds its server")
    func keys() {
        let (keys, task) = (PresenceKeys(.standard), ChannelName.task(Identifier("t")!))
        #expect(RegisteredLoops(keys: keys).command.key == keys.key("nodes"))
        #expect(OnlineCount(keys: keys).command.key == keys.key("u"))
        #expect(RoomsRequest(of: "a", keys: keys).command.key == keys.rooms(of: "a"))
        #expect(LeaveRooms(["r"], by: "a", keys: keys).command.key == keys.rooms(of: "a"))
        #expect(EmptyRoom("r", of: "a").command.key == "r" && RoomViewers(in: "r").command.key == "r")
        #expect(StoredPosition(of: task, naming: .standard).command.key == "ft:{task:t}:m")
        #expect(SecretsExist(of: task, naming: .standard).command.key == "ft:secret:{task:t}")
    }
}
