package import RESP

/// Loads the workers' Function into a Redis.
package struct FunctionLoad: CommandRequest {
    package let command: RedisCommand
    package var name: String { "FUNCTION LOAD" }
    private let isReplacing: Bool

    /// What Redis did with the library.
    package enum Reply: Sendable, Equatable {
        /// Redis has the library now.
        case loaded
        /// Redis had a library of that name already, and keeps it.
        case nameTaken
    }

    /// With `replacing`, the library takes the place of one with the same name.
    package init(_ function: PublishFunction, replacing: Bool) {
        let options: [RedisArgument] = replacing ? ["REPLACE"] : []
        command = RedisCommand(["FUNCTION", "LOAD"] + options + [.string(function.source)])
        isReplacing = replacing
    }

    /// Redis answers with the library's name.
    package func reply(_ value: RedisValue) -> Reply? { value.string == nil ? nil : .loaded }

    /// Redis has no code for this error (function.c, `functionsCreateWithLibraryCtx`).
    package func reply(to error: RedisReplyError) -> Reply? {
        !isReplacing && error.code == "ERR" && error.message.hasSuffix("already exists") ? .nameTaken : nil
    }
}
