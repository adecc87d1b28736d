import HTTP
import Testing

@Suite("Headers")
struct HeadersTests {
    @Test("names compare without case, and the first line of a name counts")
    func lookup() {
        let headers: Headers = ["Accept": "a", "ACCEPT": "b"]
        #expect(headers["accept"] == "a")
        #expect(headers.lines(of: "accept") == ["a", "b"])
        #expect(headers["Accept-X"] == nil)
    }

    @Test(
        "a list is all its lines, without blanks and empty members",
        arguments: [
            (["a, b", "c"], ["a", "b", "c"]), ([" ,a,,\t b ,"], ["a", "b"]), ([""], []), ([], []),
            ([#"a; x="1,2", b"#], [#"a; x="1,2""#, "b"]), ([#""\",",c"#], [#""\",""#, "c"]),
            ([#""open, a"#], [#""open, a"#]),
        ])
    func lists(lines: [String], expected: [String]) {
        var headers = Headers()
        for line in lines { headers.add("X", line) }
        #expect(headers.values(of: "x") == expected)
    }

    @Test("a member of a list is found without case, and not inside another")
    func membership() {
        let headers: Headers = ["Connection": "Keep-Alive, Upgrade"]
        #expect(headers.has("upgrade", in: "connection"))
        #expect(!headers.has("alive", in: "connection"))
    }
}
