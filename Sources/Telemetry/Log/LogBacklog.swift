/// Log lines that wait to be written, up to a bound: further ones are dropped, and counted, until there is room again.
struct LogBacklog: Sendable {
    private let maxBytes: Int
    private let lineAbout: @Sendable (Int) -> [UInt8]
    private var waiting: [UInt8] = []
    private var dropped = 0
    /// All lines that were ever dropped.
    private(set) var allDropped = 0

    /// `lineAbout` writes the line that says how many lines are missing at its place.
    init(maxBytes: Int, lineAbout: @escaping @Sendable (Int) -> [UInt8]) {
        self.maxBytes = maxBytes
        self.lineAbout = lineAbout
    }

    /// Whether nothing waits, and nothing is to be said of what was dropped.
    var isEmpty: Bool { waiting.isEmpty && dropped == 0 }

    /// Adds the rest of a line of which a part is written already: it must follow.
    mutating func append(rest: ArraySlice<UInt8>) { waiting += rest }

    /// Adds a line, or drops it.
    mutating func append(_ line: [UInt8]) {
        // After a gap nothing is taken before the gap was told: what it stands between must stay apart.
        guard dropped == 0, waiting.count + line.count <= maxBytes else {
            dropped += 1
            allDropped += 1
            return
        }
        waiting += line
    }

    /// Takes out all that waits, and behind it what was dropped.
    mutating func take() -> [UInt8] {
        defer { (waiting, dropped) = ([], 0) }
        return dropped == 0 ? waiting : waiting + lineAbout(dropped)
    }
}
