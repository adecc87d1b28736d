package import Access
package import HTTP

/// A whole request.
package struct Request: Sendable {
    let head: RequestHead
    let body: [UInt8]
    /// The port it came in by.
    let role: ListenerRole
    /// Who makes it, where that was asked before its body was read.
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
