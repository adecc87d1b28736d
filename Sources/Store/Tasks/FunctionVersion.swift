package import RESP

/// Asks which version of the workers' Function a Redis has.
package struct FunctionVersion: CommandRequest {
    package let command: RedisCommand
    package var name: String { "the Function's version" }

    /// What Redis has.
    package struct Reply: Sendable, Equatable {
        /// The version; empty where another library has the name and tells no version, nil where Redis has no such
        /// Function.
        package let version: String?
    }

    /// Asks about the Function of these prefixes. `masters` are the run ids of all masters of a cluster, which the
    /// Function must know.
    package init(_ naming: Naming, masters: [String] = []) {
        command = RedisCommand(
            ["FCALL", .string(naming.versionFunction), "0"] + masters.map { RedisArgument.string($0) })
    }

    package func reply(_ value: RedisValue) -> Reply? { Reply(version: value.string ?? "") }

    /// Redis has no code for this error (function.c, `fcallCommandGeneric`).
    package func reply(to error: RedisReplyError) -> Reply? {
        error.code == "ERR" && error.message.hasPrefix("Function not found") ? Reply(version: nil) : nil
    }
}
