import JSON
import Testing

@Suite("JSON for a terminal")
struct PrintableJSONTests {
    @Test("what would control the terminal is an escape, and the values are the same")
    func escapes() throws {
        let json = #"{"a\#u{7F}":"x\#u{9B}2J \#u{202E} \#u{200B} \#u{E0041} \\ é 动 👩‍👩‍👧"}"#
        let shown = PrintableJSON.bytes(Array(json.utf8))
        #expect(
            String(decoding: shown, as: UTF8.self) == #"{"a\u007f":"x\u009b2J \u202e \u200b \udb40\udc41 \\ é 动 👩‍👩‍👧"}"#)
        let parser = JSONParser(maxBytes: 1_000)
        let (before, after) = (try parser.object(Array(json.utf8)), try parser.object(shown))
        #expect(before["a\u{7F}"]?.string == after["a\u{7F}"]?.string && after["a\u{7F}"]?.string != nil)
    }

    @Test("it is one line")
    func oneLine() {
        #expect(String(decoding: PrintableJSON.bytes(Array("{\n\t\"a\":\r1}".utf8)), as: UTF8.self) == "{  \"a\": 1}")
        #expect(PrintableJSON.bytes(Array(#"{"a":"\n"}"#.utf8)) == Array(#"{"a":"\n"}"#.utf8))
    }
}
