import Base

/// Draws tasks as one line each: name, bar, percent, text.
public struct Board: Sendable {
    /// One task's line.
    public struct Line: Sendable, Equatable {
        /// How the task stands.
        public enum Mark: Sendable {
            /// The task's status is unknown.
            case waiting
            /// The task is running.
            case running
            /// The task is completed.
            case completed
            /// The task has failed.
            case failed
        }

        /// The task's name.
        public var name: String
        /// How it stands.
        public var mark: Mark
        /// From 0 to 100, where it is known.
        public var percent: Double?
        /// The text beside the bar.
        public var words: String

        /// A line of these values.
        public init(name: String, mark: Mark, percent: Double?, words: String) {
            self.name = name
            self.mark = mark
            self.percent = percent
            self.words = words
        }
    }

    /// The capabilities of the terminal.
    public struct Style: Sendable {
        /// Columns of a line.
        public var columns: Int
        /// Whether it shows more than ASCII.
        public var isUnicode: Bool
        /// Whether it shows colours.
        public var isColoured: Bool

        /// A terminal with these capabilities.
        public init(columns: Int, isUnicode: Bool, isColoured: Bool) {
            self.columns = columns
            self.isUnicode = isUnicode
            self.isColoured = isColoured
        }
    }

    private let style: Style

    /// A board for a terminal.
    public init(style: Style) { self.style = style }

    /// Columns of a bar where there is room.
    private static let barColumns = 30
    /// `100%`
    private static let percentColumns = 4

    /// One text a line, none wider than the terminal: a wrapped line could not be drawn over.
    public func draw(_ lines: [Line]) -> [String] {
        // The last column stays free: some terminals wrap as soon as it is written to.
        let columns = max(20, style.columns - 1)
        let widest = lines.map { DisplayWidth.of($0.name) }.max() ?? 0
        let nameColumns = min(widest, columns / 3)
        let barColumns = min(Self.barColumns, (columns - nameColumns) / 3)
        let wordColumns = max(0, columns - nameColumns - barColumns - Self.percentColumns - 6)
        return lines.map { line in
            let percent = line.percent.flatMap(Whole.percent).map { "\($0)%" } ?? ""
            let cells = [
                fit(line.name, nameColumns), bar(line, barColumns),
                String(repeating: " ", count: max(0, Self.percentColumns - percent.count)) + percent,
                wordColumns > 0 ? String(fit(line.words, wordColumns).reversed().drop { $0 == " " }.reversed()) : "",
            ]
            return (line.words.isEmpty || wordColumns == 0 ? cells.dropLast() : cells[...]).joined(separator: "  ")
        }
    }

    private func fit(_ text: String, _ columns: Int) -> String {
        let text = PrintableText.line(text)
        let shown = style.isUnicode ? text : String(text.map { $0.isASCII ? $0 : "?" })
        return DisplayWidth.fit(shown, columns, ellipsis: style.isUnicode ? "…" : "~")
    }

    private func bar(_ line: Line, _ columns: Int) -> String {
        let percent = line.mark == .completed ? 100 : min(100, line.percent.flatMap(Whole.percent) ?? 0)
        let filled = columns * percent / 100
        let (full, empty) = style.isUnicode ? ("█", "░") : ("#", "-")
        let done = String(repeating: full, count: filled)
        let rest = String(repeating: empty, count: columns - filled)
        guard style.isColoured else { return done + rest }
        return "\u{1B}[\(colour(line.mark))m" + done + "\u{1B}[0;2m" + rest + "\u{1B}[0m"
    }

    private func colour(_ mark: Line.Mark) -> Int {
        switch mark {
        case .waiting: 2
        case .running: 36
        case .completed: 32
        case .failed: 31
        }
    }
}
