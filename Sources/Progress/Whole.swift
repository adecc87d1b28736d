/// Whole numbers from any numbers of programs and workers: out of range is nil, never a trap.
public enum Whole {
    /// Percent for display; beyond three digits the last number that has three. Nil for NaN.
    public static func percent(_ number: Double) -> Int? {
        number.isNaN ? nil : Int(min(999, max(0, number)))
    }

    /// Seconds left, rounded up; nil for 31 years and more.
    public static func seconds(_ number: Double) -> Int? {
        number >= 0 && number < 1e9 ? Int(number.rounded(.up)) : nil
    }
}
