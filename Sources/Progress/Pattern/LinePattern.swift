/// A regular expression that finds progress in a line: one group is a percentage; two are what is done and the total.
///
/// Matching takes time in proportion to the pattern times the line, whatever both are (all states of an automaton at
/// once, nothing is tried twice): a pattern cannot run for ever, as those of engines that go back can. The bounds are
/// ``maxSteps`` and ``ReadingLimits/lineBytes``.
public struct LinePattern: Sendable {
    /// Characters of a pattern.
    public static let maxCharacters = 500
    /// Steps of the automaton; a count such as `{100}` repeats them.
    public static let maxSteps = 1_000

    private let automaton: PatternAutomaton
    private let groups: Int

    /// Compiles a pattern; the fault says where in it the mistake is.
    public init(_ text: String) throws(PatternFault) {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count <= Self.maxCharacters else {
            throw PatternFault(column: Self.maxCharacters + 1, "a pattern has at most \(Self.maxCharacters) characters")
        }
        var parser = PatternParser(scalars)
        let node = try parser.whole()
        guard parser.groups > 0 else {
            throw PatternFault(
                column: scalars.count + 1, "a group is missing: (…) around the percentage, or around two numbers")
        }
        groups = parser.groups
        automaton = try PatternAutomaton(node, groups: groups, ignoresCase: parser.ignoresCase)
    }

    /// The percentage in a line, where the pattern matches and its groups are numbers that make sense.
    func percent(in line: ArraySlice<UInt8>) -> Double? {
        let text = Array(String(decoding: line, as: UTF8.self).unicodeScalars)
        guard let found = automaton.firstMatch(in: text) else { return nil }
        let numbers = found.map { $0.flatMap { Self.number(text[$0]) } }
        guard let first = numbers.first.flatMap({ $0 }) else { return nil }
        guard groups == 2 else { return (0...100).contains(first) ? first : nil }
        guard let total = numbers[1], total > 0, first <= total else { return nil }
        return first * 100 / total
    }

    /// `1234`, `45.5`, `45,5`, `1,234,567`; nil for anything else.
    private static func number(_ text: ArraySlice<Unicode.Scalar>) -> Double? {
        var digits = String(String.UnicodeScalarView(text))
        guard digits.utf8.allSatisfy({ Scanner.isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",") }),
            (1...24).contains(digits.utf8.count)
        else { return nil }
        let parts = digits.split(separator: ",", omittingEmptySubsequences: false)
        let isGrouped = parts.count > 1 && parts.dropFirst().allSatisfy { $0.prefix { $0 != "." }.count == 3 }
        digits = parts.joined(separator: isGrouped ? "" : ".")
        guard let number = Double(digits), number.isFinite else { return nil }
        return number
    }
}

/// A mistake in a pattern.
public struct PatternFault: Error, Equatable, Sendable {
    /// The character of the pattern at which it is noticed, from 1.
    public let column: Int
    /// The mistake in words.
    public let reason: String

    init(column: Int, _ reason: String) {
        self.column = column
        self.reason = reason
    }
}
