package import Access
package import HTTP

/// A whole request.
package struct Request: Sendable {
    let head: RequestHead
    let body: [UInt8]
    /// The role of the port that accepted it.
    let role: ListenerRole
    /// The caller, where the node identified it before it read the body.
    let caller: Caller?

    package init(
        head: RequestHead, body: [UInt8], role: ListenerRole = .everything, caller: Caller? = nil
    ) {
        self.head = head
        self.body = body
        self.role = role
        self.caller = caller
    }
}
