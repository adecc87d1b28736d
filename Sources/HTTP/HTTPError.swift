/// The code of an HTTP error, for programs. This is the whole list.
public enum ErrorCode: String, Sendable, CaseIterable {
    /// The request cannot be understood.
    case badRequest = "BAD_REQUEST"
    /// No credentials, or bad ones.
    case unauthorized = "UNAUTHORIZED"
    /// Good credentials without the right.
    case forbidden = "FORBIDDEN"
    /// No resource is here.
    case notFound = "NOT_FOUND"
    /// The resource exists, the method does not; `Allow` names those that do.
    case methodNotAllowed = "METHOD_NOT_ALLOWED"
    /// The task has ended and takes no more events.
    case taskFinished = "TASK_FINISHED"
    /// The task is registered already.
    case taskExists = "TASK_EXISTS"
    /// A head, body or message above its bound.
    case tooLarge = "TOO_LARGE"
    /// A body of another type than JSON.
    case unsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
    /// Well-formed JSON that is not an event.
    case invalidEvent = "INVALID_EVENT"
    /// Too many requests for now.
    case rateLimited = "RATE_LIMITED"
    /// A service that the request needs is away for now.
    case unavailable = "UNAVAILABLE"
    /// This node is draining; another one answers.
    case draining = "DRAINING"
}

/// Why a request is refused: the status, the code for programs, the message for people.
public struct HTTPError: Error, Equatable, Sendable {
    /// The status code of the answer.
    public var status: Int
    /// The code in the answer's body.
    public var code: ErrorCode
    /// The message in the answer's body.
    public var message: String

    /// An error with all its parts.
    public init(status: Int, code: ErrorCode, message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// 400: the request is malformed.
    static func malformed(_ message: String) -> HTTPError {
        HTTPError(status: 400, code: .badRequest, message: message)
    }

    /// 413: the body exceeds its bound.
    static func bodyTooLarge(maxBytes: Int) -> HTTPError {
        HTTPError(status: 413, code: .tooLarge, message: "the body is larger than \(maxBytes) bytes")
    }

    /// 431: the head exceeds one of its bounds.
    static func headTooLarge(_ message: String) -> HTTPError {
        HTTPError(status: 431, code: .tooLarge, message: message)
    }
}
