import RESP
import Redis

/// Questions whose failure is the answer to a request.
extension CommandBus {
    /// Calls a script, or throws what the caller is told where Redis does not do it.
    nonisolated(nonsending) func ask<Script: ScriptRequest>(_ script: Script) async throws(Refusal) -> Script.Reply {
        do { return try await run(script) } catch { throw Refusal(error) }
    }

    /// Sends a command, or throws what the caller is told where Redis does not do it.
    nonisolated(nonsending) func ask<Command: CommandRequest>(
        _ command: Command
    ) async throws(Refusal) -> Command.Reply {
        do { return try await send(command) } catch { throw Refusal(error) }
    }
}
