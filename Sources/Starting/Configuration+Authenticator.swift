package import Access
package import Settings
package import Token

extension Configuration {
    /// Who decides whom tokens and keys belong to; `keys` are those that the settings name.
    package func authenticator(keys: [TokenKey]) throws(TokenError) -> Authenticator {
        try Authenticator(
            keys: keys, audience: jwtAudience, issuer: jwtIssuer, apiKey: apiKey, fixedToken: authToken,
            acceptsDemoToken: isDevelopment)
    }
}
