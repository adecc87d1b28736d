/// Names of loops, new at every start: 60 random bits as twelve characters of base 32.
public enum Incarnation {
    private static let letters = Array("abcdefghijklmnopqrstuvwxyz234567")

    /// A new name.
    public static func make() -> String {
        var random = SystemRandomNumberGenerator()
        return String((0..<12).map { _ in letters.randomElement(using: &random)! })
    }
}
