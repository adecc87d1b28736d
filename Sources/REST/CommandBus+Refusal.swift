import RESP
import Redis

/// Commands whose failure becomes the answer to a request.
extension CommandBus {
    /// Runs a script, or throws the answer that tells the caller why Redis did not.
    nonisolated(nonsending) func ask<Script: ScriptRequest>(_ script: Script) async throws(Refusal) -> Script.Reply {
        do { return try await run(script) } catch { throw Refusal(error) }
    }

    /// Sends a command, or throws the answer that tells the caller why Redis did not.
    nonisolated(nonsending) func ask<Command: CommandRequest>(
        _ command: Command
    ) async throws(Refusal) -> Command.Reply {
        do { return try await send(command) } catch { throw Refusal(error) }
    }
}
