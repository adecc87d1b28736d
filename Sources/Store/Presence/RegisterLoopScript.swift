package import RESP

/// A loop takes its lease.
package struct RegisterLoopScript: ScriptRequest {
    package static let script = RedisScript("presence-register", file: "RegisterLoopScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// A loop of `node` registers as `incarnation`; `again`: it was registered before under another name.
    package init(
        _ incarnation: String, of node: String, loop: Int, version: String, leaseMilliseconds: Int, again: Bool,
        keys: PresenceKeys
    ) {
        self.keys = keys.shared + [keys.about(incarnation)]
        arguments = [[UInt8]](
            words: [incarnation, node, "\(loop)", version, "\(leaseMilliseconds)", again ? "1" : "0"])
    }

    package func reply(_ value: RedisValue) -> Void? { value.integer == 1 ? () : nil }
}
