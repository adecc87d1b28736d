import RESP
import RedisFixture

extension RedisSocket {
    /// Runs a script as a node does; returns the raw reply.
    @discardableResult
    func eval(_ request: some ScriptRequest) -> Reply {
        eval(
            type(of: request).script.text, keys: request.keys,
            request.arguments.map { String(decoding: $0, as: UTF8.self) })
    }

    /// Runs a script as a node does, and reads its reply; nil for an error, or an invalid reply.
    @discardableResult
    func run<Request: ScriptRequest>(_ request: Request) -> Request.Reply? { request.reply(eval(request).value) }

    /// Sends a command as a node does, and reads its reply; nil for an error, or an invalid reply.
    @discardableResult
    func run<Request: CommandRequest>(_ request: Request) -> Request.Reply? {
        request.reply(send(request.command.encoded).value)
    }

    /// The run id of the server.
    var runID: String {
        let line = (call("INFO", "server").string ?? "").split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix("run_id:") }
        return String(line?.dropFirst("run_id:".count) ?? "")
    }

    /// Redis' time in milliseconds.
    var milliseconds: Int {
        let time = call("TIME").list.compactMap(\.int)
        return time[0] * 1000 + time[1] / 1000
    }
}

extension RedisSocket.Reply {
    /// The reply in the Redis client's form.
    var value: RedisValue {
        switch self {
        case .null: .null
        case .integer(let number): .integer(Int64(number))
        case .text(let text): .bulk(Array(text.utf8))
        case .error(let line): .error(RedisReplyError(line: line))
        case .array(let elements): .array(elements.map(\.value))
        }
    }
}
