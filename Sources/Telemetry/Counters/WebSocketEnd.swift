package import WebSocket

/// How a WebSocket ended.
package struct WebSocketEnd: Hashable, Comparable, Sendable {
    /// 1006: without a close frame; 0: a code of the client's own.
    let code: UInt16
    let byNode: Bool

    /// The node closed first.
    package static func byNode(_ code: CloseCode) -> WebSocketEnd {
        WebSocketEnd(code: code.rawValue, byNode: true)
    }

    /// The client closed first. Registered codes count separately; all others count as one, since a client could make
    /// up thousands.
    package static func byClient(_ code: CloseCode) -> WebSocketEnd {
        WebSocketEnd(code: (1000...1015).contains(code.rawValue) ? code.rawValue : 0, byNode: false)
    }

    var codeText: String { code == 0 ? "other" : "\(code)" }

    package static func < (left: WebSocketEnd, right: WebSocketEnd) -> Bool {
        (left.code, left.byNode ? 1 : 0) < (right.code, right.byNode ? 1 : 0)
    }
}
