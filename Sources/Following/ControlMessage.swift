/// A message to one loop, on that loop's control channel.
package enum ControlMessage {
    /// The loop's own message, by which it tests that Redis delivers.
    case probe
    /// Close a user's connections.
    case close(user: String)

    init?(_ payload: UnsafeRawBufferPointer) {
        let text = String(decoding: payload, as: UTF8.self)
        if text == "probe" {
            self = .probe
        } else if text.hasPrefix("close ") {
            self = .close(user: String(text.dropFirst(6)))
        } else {
            return nil
        }
    }

    package var text: String {
        switch self {
        case .probe: "probe"
        case .close(let user): "close " + user
        }
    }
}
