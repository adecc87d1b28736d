package import Access
package import Settings
package import Token

extension Configuration {
    /// The authenticator of tokens and keys; `keys` are the keys in the settings.
    package func authenticator(keys: [TokenKey]) throws(TokenError) -> Authenticator {
        try Authenticator(
            keys: keys, audience: jwtAudience, issuer: jwtIssuer, apiKey: apiKey, fixedToken: authToken,
            acceptsDemoToken: isDevelopment)
    }
}
