import Progress
import Testing

@Suite("Board")
struct BoardTests {
    private let lines = [
        Board.Line(name: "video_1", mark: .running, percent: 50, words: "rendering"),
        Board.Line(name: "b", mark: .completed, percent: nil, words: "completed"),
        Board.Line(name: "c", mark: .failed, percent: 101, words: "failed: no disk"),
        Board.Line(name: "d", mark: .waiting, percent: nil, words: ""),
    ]

    private func draw(_ columns: Int, unicode: Bool = true, coloured: Bool = false) -> [String] {
        Board(style: Board.Style(columns: columns, isUnicode: unicode, isColoured: coloured)).draw(lines)
    }

    @Test("one line a task, in columns")
    func columns() {
        let full = String(repeating: "█", count: 30)
        let half = String(repeating: "█", count: 15) + String(repeating: "░", count: 15)
        #expect(
            draw(120) == [
                "video_1  \(half)   50%  rendering", "b        \(full)        completed",
                "c        \(full)  101%  failed: no disk", "d        " + String(repeating: "░", count: 30) + "      ",
            ])
    }

    @Test("never wider than the terminal, whatever is shown", arguments: [20, 24, 40, 79, 200])
    func narrow(_ columns: Int) {
        let long = "渲染 🎬 " + String(repeating: "y", count: 300)
        let wide = [Board.Line(name: "动画动画动画动画动画动画", mark: .running, percent: 3, words: long)]
        for style in [true, false] {
            let board = Board(style: Board.Style(columns: columns, isUnicode: style, isColoured: false))
            for line in board.draw(wide + lines) {
                let width = line.unicodeScalars.reduce(0) { $0 + ($1.value > 0x2E80 && $1.value < 0x1FFFF ? 2 : 1) }
                #expect(width < max(columns, 21), "\(line)")
            }
        }
    }

    @Test("ASCII where there is no more, colours only where wanted")
    func plain() {
        #expect(draw(80, unicode: false).joined().allSatisfy { $0.isASCII })
        #expect(!draw(80).joined().contains("\u{1B}"))
        #expect(draw(80, coloured: true)[0].contains("\u{1B}[36m"))
    }

    @Test("whatever a name or a text holds, it draws nothing itself")
    func hostile() {
        let board = Board(style: Board.Style(columns: 120, isUnicode: true, isColoured: false))
        let lines = board.draw([
            Board.Line(name: "a\u{1B}[2J", mark: .waiting, percent: nil, words: "b\u{9B}31m\nc\u{202E}")
        ])
        #expect(lines[0].hasPrefix("a\u{FFFD}[2J ") && lines[0].hasSuffix("b\u{FFFD}31m\u{FFFD}c\u{FFFD}"))
    }

    @Test("foreign text is shown without control sequences")
    func plainText() {
        let hostile = "a\u{1B}[2Jb\u{1B}]0;title\u{7}c\u{9B}31md\r\ne\u{202E}f\u{0}g"
        #expect(PlainText.text(hostile.utf8) == "abc 31md e f g")
        #expect(PlainText.text([0xFF, 0x41]) == "\u{FFFD}A")
        #expect(
            PlainText.text(Array(repeating: UInt8(ascii: "x"), count: 500)).count == ReadingLimits.messageCharacters)
    }
}
