import Access
import HTTP

/// A whole request.
struct Request: Sendable {
    let head: RequestHead
    let body: [UInt8]
    /// The port it came in by.
    var role = ListenerRole.everything
    /// Who makes it, where that was asked before its body was read.
    var caller: Caller?
}

/// An answer that ends the handling of a request early.
struct Refusal: Error {
    let response: Response

    init(_ status: Int, _ code: ErrorCode, _ message: String, headers: Headers = [:]) {
        response = .error(status, code, message, headers: headers)
    }
}

extension Refusal {
    init(_ response: Response) { self.response = response }
}
