import RESP
import Redis

/// Commands whose failure becomes the answer to a request.
extension CommandBus {
    /// Runs a script, or throws the answer that tells the caller why Redis did not.
    nonisolated(nonsending) func ask<Script: ScriptRequest>(_ script: Script) async throws(Refusal) -> Script.Reply {
        do { return try await run(script) } catch { throw Refusal(error) }
    }

    /// Runs scripts at once, or throws the answer that tells the caller why Redis did not run one of them.
    nonisolated(nonsending) func ask<Script: ScriptRequest>(
        all scripts: [Script]
    ) async throws(Refusal) -> [Script.Reply] {
        do { return try await run(all: scripts) } catch { throw Refusal(error) }
    }

    /// Sends commands at once, or throws the answer that tells the caller why Redis did not take one of them.
    nonisolated(nonsending) func ask<Command: CommandRequest>(
        all commands: [Command]
    ) async throws(Refusal) -> [Command.Reply] {
        do { return try await send(all: commands) } catch { throw Refusal(error) }
    }

    /// Sends a command, or throws the answer that tells the caller why Redis did not.
    nonisolated(nonsending) func ask<Command: CommandRequest>(
        _ command: Command
    ) async throws(Refusal) -> Command.Reply {
        do { return try await send(command) } catch { throw Refusal(error) }
    }
}
