/// What became of a request to a third party.
public enum UpstreamOutcome: Sendable, Equatable {
    /// An answer came, whole. The status may be any, also a redirection: none is followed.
    case answered(status: Int, body: [UInt8])
    /// None came. The reason holds nothing of the request but host and port.
    case failed(reason: String)
}
