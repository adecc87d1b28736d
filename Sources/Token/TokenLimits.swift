/// The bounds of a token.
public enum TokenLimits {
    /// The longest token looked at; it has to fit a request head beside everything else.
    public static let maxTokenBytes = 8 * 1024
    /// How far clocks may differ, for `exp` and `nbf`, in milliseconds.
    public static let leewayMilliseconds: Int64 = 30_000
    /// The longest user, team or task id.
    public static let maxIdentifierBytes = 128
}
