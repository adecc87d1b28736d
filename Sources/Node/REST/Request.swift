import Access
import HTTP

/// A whole request.
struct Request: Sendable {
    let head: RequestHead
    let body: [UInt8]
    /// The port it came in by.
    var door = Door.all
    /// Who makes it, where that was asked before its body was read.
    var caller: Caller?
}
