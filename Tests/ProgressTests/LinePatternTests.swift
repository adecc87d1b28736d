import Progress
import Testing

@Suite("Patterns of progress")
struct LinePatternTests {
    private func percent(_ pattern: String, _ line: String) throws -> Double? {
        var reader = OutputReader(patterns: [try LinePattern(pattern)])
        return Array((line + "\n").utf8).withUnsafeBytes { reader.read($0, from: .output) }?.percent
    }

    @Test(
        "one group is a percentage, two are what is done and the total",
        arguments: [
            (#"(\d+)"#, "45", 45), (#"^at (\d+\.\d)"#, "at 45.5 of all", 45.5),
            (#"(\d+) von (\d+)"#, "Seite 3 von 12", 25),
            (#"done=([\d,]+) all=([\d,]+)"#, "done=1,500,000 all=3,000,000", 50), (#"([\d,]+) %"#, "12,5 %", 12.5),
            (#"(?:a|b)(\d)"#, "c1 b2 a3", 2), (#"(\d+)(?:\.\d+)?$"#, "7 8 9.5", 9), (#"(?i)STEP (\d)"#, "step 4", 4),
            (#"[^0-9](\d{2,3})[^0-9]"#, "1 1234 56 ", 56), (#"<(.*?)>"#, "<12> <34>", 12), (#"<(.*)>"#, "<12>", 12),
            (#"\bn\b (\d+)"#, "nn 1 n 2", 2), (#"é+ (\d+)"#, "éé 5", 5), (#"\((\d+)\)"#, "(6)", 6),
            (#"[]x-](\d)"#, "-1", 1), (#"[:](\d)"#, ":2", 2), (#"[:=](\d)"#, "=3", 3), (#"[a:](\d)"#, ":4", 4),
            (#"(\d+)|x"#, "7", 7), (#"a{2}(\d)"#, "a1 aa2", 2), (#"a{0,1}(\d)"#, "3", 3), (#"(\d){3}"#, "128", 8),
            (#"\w+\s(\d+)\S"#, "ab 5%", 5), (#"[\d]+:(\d)"#, "12:3", 3), (#"(|a)(\d)"#, "5", nil),
            (#"(\d+)"#, "101", nil),
            (#"(\d+)/(\d+)"#, "4/3", nil), (#"(\d+)/(\d+)"#, "0/0", nil), (#"(x)"#, "x", nil), (#"(.*)"#, "", nil),
            (#"(\d)?x"#, "x", nil), (#"(.+)"#, "1e3", nil), (#"(.+)"#, "inf", nil), (#"(.+)"#, "-1", nil),
            (#"(.+)"#, "1.2.3", nil),
        ] as [(String, String, Double?)])
    func groups(_ pattern: String, _ line: String, _ expected: Double?) throws {
        #expect(try percent(pattern, line) == expected)
    }

    @Test(
        "a mistake is named with its place",
        arguments: [
            ("", 1, "a group is missing"), ("abc", 4, "a group is missing"), ("(a", 1, "not closed"),
            ("(a))", 4, "closes no group"),
            ("*(a)", 1, "nothing to repeat"), ("(a)**", 5, "nothing to repeat"), ("(a)x{", 5, "a count"),
            ("(a){3,2}", 4, "wrong way"),
            ("(a){1001}", 4, "at most 1000"), ("([a)", 2, "not closed"), ("([z-a])", 3, "a range"),
            ("(a)\\", 4, "a backslash at the end"),
            ("(a)\\q", 4, "not known"), ("(a)\\1", 4, "not known"), ("(?=a)", 1, "only (?:"),
            ("(?<n>a)", 1, "only (?:"),
            ("(a)(b)(c)", 7, "a third group"), ("(é)(b)+(", 8, "a third group"), ("([\\D])", 3, "not for brackets"),
            ("(a)|{", 5, "nothing"), ("([[:digit:]]+)", 3, "[: is not known"), ("([^[:space:]])", 4, "[: is not known"),
            ("([:digit:]+)", 2, "[: is not known"),
        ])
    func faults(_ pattern: String, _ column: Int, _ words: String) {
        #expect { _ = try LinePattern(pattern) } throws: { error in
            guard let fault = error as? PatternFault else { return false }
            return fault.column == column && fault.reason.contains(words)
        }
    }

    @Test("a pattern and its counts have a bound")
    func bounds() {
        #expect(throws: PatternFault.self) { try LinePattern(String(repeating: "a", count: 500) + "(b)") }
        #expect(throws: PatternFault.self) { try LinePattern("(((a{100}){100}){100})") }
        #expect(throws: PatternFault.self) { try LinePattern("((?:a{900}){2})") }
        #expect(throws: PatternFault.self) {
            try LinePattern(String(repeating: "(?:", count: 60) + "(a)" + String(repeating: ")", count: 60))
        }
        #expect(throws: Never.self) { try LinePattern("(a{900})") }
        // Counted through it would take days.
        #expect(throws: Never.self) { try LinePattern("(?:(?:(?:(?:){1000}){1000}){1000}){1000}(a)") }
        #expect(throws: Never.self) { try LinePattern("(?:(?:(?:(?:a{0}){1000}){1000}){1000}){1000}(a)") }
    }

    @Test(
        "what makes other engines run for ever is read at once",
        arguments: [
            #"(?:a+)+(b)"#, #"(?:a|a)*(b)"#, #"(?:a*)*(b)"#, #"(?:.*.*.*.*.*)*x(\d)"#, #"(?:a?){300}a{300}(b)"#,
            #"(?:(?:)*)*(b)"#,
        ])
    func forEver(_ pattern: String) throws {
        #expect(try percent(pattern, String(repeating: "a", count: 1_000)) == nil)
    }

    @Test("with patterns nothing else is progress, and the first that matches counts")
    func several() throws {
        var reader = OutputReader(patterns: [try LinePattern(#"p (\d+)"#), try LinePattern(#"(\d+) of (\d+)"#)])
        func read(_ line: String) -> Reading? {
            Array((line + "\n").utf8).withUnsafeBytes { reader.read($0, from: .error) }
        }
        #expect(read("45%") == nil && read("[3/4]") == nil)
        #expect(read("p 7, 1 of 2") == Reading(percent: 7, message: "p 7, 1 of 2"))
        #expect(read("1 of 2") == Reading(percent: 50, message: "1 of 2"))
        #expect(
            Array("p \u{FF} 1\np 9\n".utf8 + [0x70, 0x20, 0xFF, 0x0A]).withUnsafeBytes {
                reader.read($0, from: .output)
            }?.percent == 9)
    }
}
