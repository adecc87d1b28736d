import Base
import Testing

@Suite("Text from outside for a terminal")
struct PrintableTextTests {
    static let hostile: [UInt32] =
        Array(0..<0x09) + Array(0x0A..<0x20) + Array(0x7F...0x9F) + [0xAD, 0x180E, 0x200B] + Array(0x2028...0x202E)
        + Array(0x2060...0x206F) + [0xFEFF, 0xFFF9, 0xFFFB, 0xE0001, 0xE007F]

    @Test("what controls or misleads is shown as a replacement", arguments: hostile)
    func replaced(_ value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        #expect(PrintableText.isHostile(scalar))
        #expect(PrintableText.line("a\(scalar)b") == "a\u{FFFD}b")
    }

    @Test("the fast way out knows every hostile character")
    func fastWay() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), PrintableText.isHostile(scalar) else { continue }
            #expect(UTF8.encode(scalar)!.contains(where: PrintableText.mayBeginHostile), "\(value)")
        }
    }

    @Test(
        "text stays text",
        arguments: [
            "", "plain", "ünï", "动画", "👩‍👩‍👧", "فارسی‌ها", "שלום\u{200F}!", "\u{61C}1,2", "a\u{200E}b", "a\u{301}", "…█━",
            "<img onerror=x>", "\u{FFFD}", "£ ¬ à",
        ])
    func unchanged(_ text: String) { #expect(PrintableText.line(text) == text) }

    @Test("a tab is a space")
    func tab() { #expect(PrintableText.line("a\tb") == "a b") }

    @Test("whole sequences lose what makes them one")
    func sequences() {
        #expect(
            PrintableText.line("\u{1B}[2J\u{1B}]0;t\u{7}\u{9B}31m\r\nx")
                == "\u{FFFD}[2J\u{FFFD}]0;t\u{FFFD}\u{FFFD}31m\u{FFFD}\u{FFFD}x")
    }
}
