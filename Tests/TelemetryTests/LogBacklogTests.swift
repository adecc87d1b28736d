import Testing

@testable import Telemetry

@Suite("LogBacklog")
struct LogBacklogTests {
    private func backlog(_ maxBytes: Int) -> LogBacklog {
        LogBacklog(maxBytes: maxBytes) { Array("(\($0) missing)".utf8) }
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("lines wait in order, up to the bound")
    func order() {
        var lines = backlog(4)
        #expect(lines.isEmpty)
        for line in ["ab", "c", "d"] { lines.append(Array(line.utf8)) }
        #expect(!lines.isEmpty)
        #expect(text(lines.take()) == "abcd" && lines.isEmpty && lines.allDropped == 0)
    }

    @Test("lines above the bound are dropped, and counted at their place; no line passes the gap")
    func gap() {
        var lines = backlog(4)
        for line in ["abc", "defg", "h", "i"] { lines.append(Array(line.utf8)) }
        #expect(text(lines.take()) == "abc(3 missing)")
        #expect(lines.isEmpty && lines.allDropped == 3)
        lines.append(Array("jk".utf8))
        #expect(text(lines.take()) == "jk")
    }

    @Test("a line longer than the bound is dropped by itself")
    func longLine() {
        var lines = backlog(2)
        lines.append(Array("abc".utf8))
        #expect(!lines.isEmpty && text(lines.take()) == "(1 missing)")
    }
}
