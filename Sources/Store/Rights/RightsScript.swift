package import RESP

/// Asks which of some commands the caller may not call.
package struct RightsScript: ScriptRequest {
    package static let script = RedisScript("rights", file: "RightsScript")
    package let keys: [String] = []
    package let arguments: [[UInt8]]

    /// Each command is an array of words.
    package init(_ commands: [[String]]) {
        arguments = [[UInt8]](words: commands.flatMap { ["\($0.count)"] + $0 })
    }

    /// The denied commands.
    package func reply(_ value: RedisValue) -> [String]? { value.array?.compactMap(\.string) }
}
