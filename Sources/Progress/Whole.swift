/// Whole numbers out of those that programs and workers wrote, which may be any: out of range is nil, never a trap.
public enum Whole {
    /// Percent as they are shown; beyond three digits the last that has three. Nil for what is no number.
    public static func percent(_ number: Double) -> Int? {
        number.isNaN ? nil : Int(min(999, max(0, number)))
    }

    /// Seconds that are left, of what has begun rounded up; nil where nobody would wait for them: 31 years and more.
    public static func seconds(_ number: Double) -> Int? {
        number >= 0 && number < 1e9 ? Int(number.rounded(.up)) : nil
    }
}
