/// A Lua script of Fantail, loaded into Redis on every connect and called by its digest.
///
/// The text begins with `#!lua`, so that Redis reports OOM and READONLY before the first write.
public struct RedisScript: Sendable, Equatable {
    /// The script's name in errors and metrics.
    public let name: String
    /// The Lua source, with the parts that it shares with other scripts.
    public let text: String
    /// The index of the argument that names the Redis that runs the script: the connection that sends the call fills it in
    /// (``ScriptCall/appendEVALSHA(_:runBy:to:)``). Nil where the script needs none.
    public let runIDArgument: Int?

    /// A script. Traps when the shebang is missing, which would be our own mistake.
    public init(name: String, text: String, runIDArgument: Int? = nil) {
        precondition(text.hasPrefix("#!lua"), "RedisScript \(name): the text must begin with #!lua")
        self.name = name
        self.text = text
        self.runIDArgument = runIDArgument
    }
}

/// A call of a script, kept until its reply comes: after NOSCRIPT the connection sends it again as EVAL.
package struct ScriptCall: Sendable {
    package let script: RedisScript
    package let keys: [String]
    package let arguments: [[UInt8]]

    package init(script: RedisScript, keys: [String], arguments: [[UInt8]]) {
        self.script = script
        self.keys = keys
        self.arguments = arguments
    }

    /// The approximate bytes of an EVALSHA: 40 for the digest, 16 for every word's frame.
    package var byteCount: Int {
        keys.reduce(64 + 40) { $0 + $1.utf8.count + 16 } + arguments.reduce(0) { $0 + $1.count + 16 }
    }

    /// `EVALSHA digest numkeys key … argument …`. `runIDs` are the run id of the Redis that gets the call, and
    /// behind a blank each those of the other masters of its cluster.
    package func appendEVALSHA(_ digest: String, runBy runIDs: String, to bytes: inout [UInt8]) {
        appendCall("EVALSHA", digest, runIDs, to: &bytes)
    }

    /// `EVAL text numkeys key … argument …`: also puts the script back into Redis's cache.
    package func appendEVAL(runBy runIDs: String, to bytes: inout [UInt8]) {
        appendCall("EVAL", script.text, runIDs, to: &bytes)
    }

    private func appendCall(_ verb: String, _ script: String, _ runIDs: String, to bytes: inout [UInt8]) {
        bytes.appendArrayHeader(3 + keys.count + arguments.count)
        bytes.appendBulk(verb.utf8)
        bytes.appendBulk(script.utf8)
        bytes.appendBulk(String(keys.count).utf8)
        for key in keys { bytes.appendBulk(key.utf8) }
        for (place, argument) in arguments.enumerated() {
            if place == self.script.runIDArgument { bytes.appendBulk(runIDs.utf8) } else { bytes.appendBulk(argument) }
        }
    }
}
