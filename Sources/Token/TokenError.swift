/// Why a token is refused. The message never quotes the token.
public struct TokenError: Error, Equatable, Sendable {
    /// The reason, for programs.
    public enum Code: Equatable, Sendable {
        /// Not three parts of base64url with JSON objects in the first two.
        case malformed
        /// Signed by none of the configured keys.
        case badSignature
        /// `alg` is `none`, or of no configured key's family.
        case wrongAlgorithm
        /// The header's `crit` names an unknown extension.
        case unknownExtension
        /// `exp` has passed.
        case expired
        /// `nbf` has not come.
        case notYetValid
        /// `aud` is not the configured audience.
        case wrongAudience
        /// `iss` is not the configured issuer.
        case wrongIssuer
        /// A claim is missing, or of the wrong kind.
        case badClaims
        /// Longer than ``TokenLimits/maxTokenBytes``.
        case tooLarge
        /// A configured key cannot be used.
        case badKey
    }

    /// The reason, for programs.
    public let code: Code
    /// The reason, for people.
    public let message: String

    /// An error with its message.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }
}
