/// Why a token is not accepted. The message never quotes the token.
public struct TokenError: Error, Equatable, Sendable {
    /// What is wrong, for programs.
    public enum Code: Equatable, Sendable {
        /// Not three parts of base64url with JSON objects in the first two.
        case malformed
        /// Signed by none of the configured keys.
        case badSignature
        /// `alg` is `none`, or of no configured key's family.
        case wrongAlgorithm
        /// The header's `crit` names an extension that is not known here.
        case unknownExtension
        /// `exp` has passed.
        case expired
        /// `nbf` has not come.
        case notYetValid
        /// `aud` is not the configured audience.
        case wrongAudience
        /// `iss` is not the configured issuer.
        case wrongIssuer
        /// A claim is missing, or not of the right kind.
        case badClaims
        /// Longer than ``TokenLimits/maxTokenBytes``.
        case tooLarge
        /// A key of ours cannot be used.
        case badKey
    }

    /// What is wrong, for programs.
    public let code: Code
    /// What is wrong, for people.
    public let message: String

    /// An error with its words.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }
}
