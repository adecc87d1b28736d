import JSON
import Testing

@Suite("Where a text stops being JSON")
struct JSONPlaceTests {
    @Test(
        "the first character that cannot be there",
        arguments: [
            ("", 1, 1), ("not json", 1, 2), ("{", 1, 2), (#"{"a":1"#, 1, 7), (#"{"a" 1}"#, 1, 6), (#"{"a":1,}"#, 1, 8),
            (#"{"a":1 "b":2}"#, 1, 8), ("{'a':1}", 1, 2), (#"{"a":tru}"#, 1, 9), (#"{"a":01}"#, 1, 7),
            (#"{"a":1.}"#, 1, 8),
            (#"{"a":+1}"#, 1, 6), (#"{"a":1}x"#, 1, 8), (#"{"a":[1,2}"#, 1, 10), (#"{"a":"x"#, 1, 8),
            (#"{"a":"\x"}"#, 1, 8),
            (#"{"a":"\u12g4"}"#, 1, 11), ("{\n  \"é\": 1,\n  \"ü\" 2\n}", 3, 7), ("{\"a\":\"x\ny\"}", 1, 8),
            ("[1,2,]", 1, 6),
            (#"{"é動": nul}"#, 1, 11), ("{\"a\":1e}", 1, 8), ("{\"a\":-}", 1, 7), ("\u{FEFF}{}", 1, 1),
            ("{\"a\":NaN}", 1, 6),
        ])
    func faults(_ text: String, _ line: Int, _ column: Int) {
        #expect(JSONPlace.ofFault(in: Array(text.utf8)) == JSONPlace(line: line, column: column))
    }

    @Test("bytes that are not UTF-8")
    func notUTF8() {
        #expect(JSONPlace.ofFault(in: Array(#"{"a":"é"#.utf8) + [0xFF] + Array(#""}"#.utf8))?.column == 8)
        #expect(JSONPlace.ofFault(in: Array(#"{"a":""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8))?.column == 7)
        #expect(JSONPlace.ofFault(in: Array(#"{"a":""#.utf8) + [0xE2, 0x82])?.column == 7)
    }

    @Test(
        "JSON has no fault",
        arguments: [
            "{}", "[]", " {\"a\":[1,-2.5e+3,0,[],{}],\"b\":{\"c\":null,\"d\":true,\"e\":false}} ",
            "\"\\u00e9\\n\\\"é👩\"", "1", "[[[[]]]]",
        ])
    func none(_ text: String) { #expect(JSONPlace.ofFault(in: Array(text.utf8)) == nil) }

    @Test("too deep is a fault where it becomes so, and depth costs no stack")
    func deep() {
        #expect(JSONPlace.ofFault(in: Array("[[[]]]".utf8), maxDepth: 2) == JSONPlace(line: 1, column: 3))
        #expect(JSONPlace.ofFault(in: Array(repeating: UInt8(ascii: "["), count: 1_000_000))?.column == 1_000_001)
    }
}
