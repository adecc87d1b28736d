import Dialects

/// The sessions of Engine.IO on one loop, by their ids.
package final class EngineDirectory {
    /// A session's id: the node, its loop, and a number that nobody can guess.
    package struct Address: Equatable {
        /// The loop of the node that has the session.
        package let loop: Int

        /// The loop of the session `sid`; nil where it is a session of another node, or of none.
        package init?(_ sid: String, node: String) {
            let parts = sid.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count >= 3, parts.dropLast(2).joined(separator: "-") == node,
                let loop = Int(parts[parts.count - 2]), loop >= 0
            else { return nil }
            self.loop = loop
        }
    }

    /// The node's id, by which a balancer can route polls; what is no letter, digit, `-`, `.` or `_` is `_`, since ids of
    /// sessions stand in URLs.
    package let node: String
    /// The number of the loop in its node.
    package let loop: Int
    let dialect = DialectName.ofSocketIO
    private var sessions: [String: SocketIOConversation] = [:]

    /// The sessions of loop `loop` of the node `node`.
    package init(node: String, loop: Int) {
        self.node = String(node.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) ? $0 : "_" })
        self.loop = loop
    }

    /// The session `sid`.
    package subscript(_ sid: String) -> SocketIOConversation? { sessions[sid] }

    func insert(_ conversation: SocketIOConversation) { sessions[conversation.sid] = conversation }
    func remove(_ conversation: SocketIOConversation) { sessions[conversation.sid] = nil }

    /// An id that no session has: 128 bits from the system's random source.
    func makeSessionID() -> String {
        let number = (0..<2).map { _ in UInt64.random(in: .min ... .max) }
        return "\(node)-\(loop)-" + number.map { String($0, radix: 36) }.joined()
    }
}
