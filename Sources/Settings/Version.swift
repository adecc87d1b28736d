/// Which Fantail this is.
public enum Version {
    /// By semver.org; CHANGELOG.md says what each brought.
    public static let current = "0.1.0"
}
