/// The version of Fantail.
public enum Version {
    /// By semver.org; CHANGELOG.md lists the changes of each version.
    public static let current = "0.1.0"
}
