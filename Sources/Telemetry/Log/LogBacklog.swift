/// Log lines that wait to be written, up to a bound: further ones are dropped and counted, until there is room again.
struct LogBacklog: Sendable {
    private let maxBytes: Int
    private let lineAbout: @Sendable (Int) -> [UInt8]
    private var waiting: [UInt8] = []
    private var dropped = 0
    /// The number of lines ever dropped.
    private(set) var allDropped = 0

    /// `lineAbout` makes the line that says how many lines are missing at its place.
    init(maxBytes: Int, lineAbout: @escaping @Sendable (Int) -> [UInt8]) {
        self.maxBytes = maxBytes
        self.lineAbout = lineAbout
    }

    /// Whether no line waits, and there is no gap to report.
    var isEmpty: Bool { waiting.isEmpty && dropped == 0 }

    /// Adds the rest of a line that is partly written: it must come next.
    mutating func append(rest: ArraySlice<UInt8>) { waiting += rest }

    /// Adds a line, or drops it.
    mutating func append(_ line: [UInt8]) {
        // After a gap no line is added before the gap is reported: the lines around it must stay apart.
        guard dropped == 0, waiting.count + line.count <= maxBytes else {
            dropped += 1
            allDropped += 1
            return
        }
        waiting += line
    }

    /// Takes all waiting lines, and the line about the gap after them.
    mutating func take() -> [UInt8] {
        defer { (waiting, dropped) = ([], 0) }
        return dropped == 0 ? waiting : waiting + lineAbout(dropped)
    }
}
