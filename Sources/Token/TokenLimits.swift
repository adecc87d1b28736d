/// The bounds of a token.
public enum TokenLimits {
    /// The longest token that is read; it has to fit a request head beside everything else.
    public static let maxTokenBytes = 8 * 1024
    /// The shortest secret that a node accepts outside development: that of HS256's hash (RFC 7518 3.2).
    public static let minSecretBytes = 32
    /// How far clocks may differ, for `exp` and `nbf`.
    public static let leewaySeconds: Int64 = 30
    /// The latest time in a claim, in seconds since 1970: the end of the year 9999.
    public static let maxSeconds: Int64 = 253_402_300_799
    /// The longest user, team or task id.
    public static let maxIdentifierBytes = 128
}
