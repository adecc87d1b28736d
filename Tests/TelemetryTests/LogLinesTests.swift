import Foundation
import Settings
import Testing

@testable import Telemetry

@Suite("Lines of the log")
struct LogLinesTests {
    private static let hostile = "a\u{1B}[2J\u{9B}31m\u{7F}\u{202E}b\nc"

    private func line(_ format: LogFormat) -> String {
        let lines = LogLines(node: "n", format: format)
        let bytes = lines.line(.info, Self.hostile, ["peer": .text(Self.hostile), "count": 1])
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("text from outside is one line, and nothing in it controls a terminal")
    func text() {
        let shown = "a\u{FFFD}[2J\u{FFFD}31m\u{FFFD}\u{FFFD}b\u{FFFD}c"
        #expect(line(.text).hasSuffix("info n \(shown) peer=\(shown) count=1\n"))
    }

    @Test("JSON has the same text in escapes")
    func json() throws {
        let line = line(.json)
        #expect(line.dropLast().unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) } && line.last == "\n")
        let fields = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(fields["message"] as? String == Self.hostile && fields["peer"] as? String == Self.hostile)
    }
}
