/// The outcome of a request to a third party.
public enum UpstreamOutcome: Sendable, Equatable {
    /// A whole response arrived, with any status, also a redirect: none is followed.
    case answered(status: Int, body: [UInt8])
    /// No response arrived. Of the request the reason names only host and port.
    case failed(reason: String)
}
