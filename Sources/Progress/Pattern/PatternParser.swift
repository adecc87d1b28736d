/// Reads a pattern: literals, `.`, `[a-z]`, `\d \w \s \b` and their opposites, `^ $`, `( )`, `(?: )`, `|`, `* + ?
/// {2,5}`, lazy with `?`, and `(?i)` at the beginning. Neither look-around nor back references.
struct PatternParser {
    /// Groups within groups, and a bound of this parser's recursion.
    private static let maxDepth = 50
    private static let maxCount = 1_000

    private let text: [Unicode.Scalar]
    private var next = 0
    private var depth = 0
    /// Groups so far.
    private(set) var groups = 0
    private(set) var ignoresCase = false

    init(_ text: [Unicode.Scalar]) { self.text = text }

    /// The whole pattern.
    mutating func whole() throws(PatternFault) -> PatternNode {
        if text.starts(with: "(?i)".unicodeScalars) {
            ignoresCase = true
            next = 4
        }
        let node = try choice()
        guard next == text.count else { throw fault("this ) closes no group; a bracket that is text is \\)") }
        return node
    }

    private var scalar: Unicode.Scalar? { next < text.count ? text[next] : nil }

    private func fault(_ reason: String, at offset: Int? = nil) -> PatternFault {
        PatternFault(column: (offset ?? next) + 1, reason)
    }

    private mutating func take(_ expected: Unicode.Scalar) -> Bool {
        guard scalar == expected else { return false }
        next += 1
        return true
    }

    private mutating func choice() throws(PatternFault) -> PatternNode {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternFault) -> PatternNode {
        var parts: [PatternNode] = []
        while let scalar, scalar != "|", scalar != ")" { parts.append(try repeated(try atom())) }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    // MARK: Repetition

    private mutating func repeated(_ node: PatternNode) throws(PatternFault) -> PatternNode {
        let start = next
        let least: Int
        let most: Int?
        switch scalar {
        case "*": (least, most) = (0, nil)
        case "+": (least, most) = (1, nil)
        case "?": (least, most) = (0, 1)
        case "{": (least, most) = try counts()
        default: return node
        }
        next += 1
        let result = PatternNode.repeated(node, least: least, most: most, isLazy: take("?"))
        if let scalar, "*+?{".unicodeScalars.contains(scalar) {
            throw fault("nothing to repeat: \(String(scalar)) follows another count", at: max(start, next))
        }
        return result
    }

    /// `{3}`, `{3,}`, `{3,5}`, up to the closing brace.
    private mutating func counts() throws(PatternFault) -> (Int, Int?) {
        let start = next
        next += 1
        let least = try count(from: start)
        var most: Int? = least
        if take(",") { most = scalar == "}" ? nil : try count(from: start) }
        guard scalar == "}" else {
            throw fault("expected a count such as {2} or {2,5}; a brace that is text is \\{", at: start)
        }
        if let most, most < least { throw fault("the counts are the wrong way round", at: start) }
        return (least, most)
    }

    private mutating func count(from start: Int) throws(PatternFault) -> Int {
        let digits = text[next...].prefix { $0.isASCII && Scanner.isDigit(UInt8($0.value)) }
        next += digits.count
        guard let count = Int(String(String.UnicodeScalarView(digits))), count <= Self.maxCount else {
            throw fault("expected a count of at most \(Self.maxCount); a brace that is text is \\{", at: start)
        }
        return count
    }

    // MARK: Atoms

    private mutating func atom() throws(PatternFault) -> PatternNode {
        let start = next
        let scalar = text[next]
        next += 1
        switch scalar {
        case ".": return .set(.any)
        case "^": return .lineStart
        case "$": return .lineEnd
        case "(": return try group(from: start)
        case "[": return .set(try bracket(from: start))
        case "\\": return try escape(from: start)
        case "*", "+", "?", "{": throw fault("nothing to repeat before \(String(scalar))", at: start)
        default: return .set(ScalarSet(ranges: [scalar.value...scalar.value]))
        }
    }

    private mutating func group(from start: Int) throws(PatternFault) -> PatternNode {
        guard depth < Self.maxDepth else {
            throw fault("more than \(Self.maxDepth) groups within each other", at: start)
        }
        var number: Int?
        if take("?") {
            guard take(":") else { throw fault("only (?: is known of the groups that begin with (?", at: start) }
        } else {
            guard groups < 2 else {
                throw fault("a third group; one that is no number is (?:…)", at: start)
            }
            number = groups
            groups += 1
        }
        depth += 1
        let node = try choice()
        depth -= 1
        guard take(")") else { throw fault("this ( is not closed; a bracket that is text is \\(", at: start) }
        return number.map { .group($0, node) } ?? node
    }

    private mutating func escape(from start: Int) throws(PatternFault) -> PatternNode {
        if scalar == "b" || scalar == "B" {
            defer { next += 1 }
            return .wordBoundary(scalar == "b")
        }
        return .set(try escapedSet(from: start))
    }

    /// Behind a backslash: a class of characters, or one character.
    private mutating func escapedSet(from start: Int) throws(PatternFault) -> ScalarSet {
        guard let scalar else { throw fault("a backslash at the end", at: start) }
        next += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet(ranges: ScalarSet.digits.ranges, isInverted: true)
        case "w": return .words
        case "W": return ScalarSet(ranges: ScalarSet.words.ranges, isInverted: true)
        case "s": return .spaces
        case "S": return ScalarSet(ranges: ScalarSet.spaces.ranges, isInverted: true)
        case "t": return ScalarSet(ranges: [0x09...0x09])
        default:
            if scalar.isASCII, Scanner.isWordCharacter(UInt8(scalar.value)) {
                throw fault("\\\(String(scalar)) is not known", at: start)
            }
            return ScalarSet(ranges: [scalar.value...scalar.value])
        }
    }

    /// `[a-z0-9_]`, `[^/]`, behind its opening bracket.
    private mutating func bracket(from start: Int) throws(PatternFault) -> ScalarSet {
        var set = ScalarSet()
        let isInverted = take("^")
        var isFirst = true
        while isFirst || scalar != "]" {
            guard scalar != nil else { throw fault("this [ is not closed; a bracket that is text is \\[", at: start) }
            isFirst = false
            set.ranges += try bracketPart()
        }
        if text[start + 1] == ":", text[next - 1] == ":", next - 1 > start + 1 { throw unknownClass(at: start) }
        next += 1
        set.isInverted = isInverted
        return set
    }

    /// `a`, `a-z`, `\d`.
    private mutating func bracketPart() throws(PatternFault) -> [ClosedRange<UInt32>] {
        let start = next
        let first = try bracketItem()
        guard scalar == "-", next + 1 < text.count, text[next + 1] != "]" else { return first }
        next += 1
        let last = try bracketItem()
        guard first.count == 1, last.count == 1, first[0].count == 1, last[0].count == 1,
            first[0].lowerBound <= last[0].lowerBound
        else { throw fault("a range that is none", at: start) }
        return [first[0].lowerBound...last[0].lowerBound]
    }

    /// `[:digit:]`: with its characters taken as they are it would match something else.
    private func unknownClass(at offset: Int) -> PatternFault {
        fault("[: is not known; use \\d, \\w or \\s, and \\[ for a bracket that is text", at: offset)
    }

    private mutating func bracketItem() throws(PatternFault) -> [ClosedRange<UInt32>] {
        let start = next
        let scalar = text[next]
        next += 1
        if scalar == "[", self.scalar == ":" { throw unknownClass(at: start) }
        guard scalar == "\\" else { return [scalar.value...scalar.value] }
        let set = try escapedSet(from: start)
        guard !set.isInverted else { throw fault("\\D, \\W and \\S are not for brackets; use [^…]", at: start) }
        return set.ranges
    }
}
