/// A part of a pattern.
indirect enum PatternNode: Sendable {
    case empty
    case set(ScalarSet)
    case sequence([PatternNode])
    /// One of several; the first that leads to a match counts.
    case choice([PatternNode])
    /// `most` is nil for any number. `isLazy`: as few as possible.
    case repeated(PatternNode, least: Int, most: Int?, isLazy: Bool)
    /// The group of this number, from 0.
    case group(Int, PatternNode)
    case lineStart, lineEnd
    /// `\b`, or with `false` `\B`.
    case wordBoundary(Bool)
}

/// A set of characters.
struct ScalarSet: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    var isInverted = false

    static let any = ScalarSet(ranges: [], isInverted: true)
    static let digits = ScalarSet(ranges: [0x30...0x39])
    static let words = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let spaces = ScalarSet(ranges: [0x09...0x0D, 0x20...0x20, 0xA0...0xA0])

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } != isInverted
    }

    /// Whether it has this character, or the same letter of the other case (ASCII).
    func containsIgnoringCase(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII, UInt8(scalar.value).isASCIILetter else { return contains(scalar) }
        let other = Unicode.Scalar(UInt8(scalar.value) ^ 0x20)
        let isIn = ranges.contains { $0.contains(scalar.value) || $0.contains(other.value) }
        return isIn != isInverted
    }
}

extension UInt8 {
    fileprivate var isASCIILetter: Bool { Scanner.isLetter(self) }
}
