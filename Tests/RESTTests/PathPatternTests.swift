import Testing

@testable import REST

@Suite("PathPattern")
struct PathPatternTests {
    @Test(
        "a path is of a pattern where every word stands in its place, and a name takes any segment",
        arguments: [
            ("/", [], [:]), ("/a", ["a"], [:]), ("/a", ["b"], nil), ("/a", [], nil), ("/a", ["a", ""], nil),
            ("/a/", ["a", ""], [:]), ("/a/", ["a"], nil), ("//", ["", ""], [:]), ("//", [], nil),
            ("/t/{id}", ["t", "x"], ["id": "x"]), ("/t/{id}", ["t", ""], ["id": ""]),
            ("/t/{id}", ["t", "a/b"], ["id": "a/b"]), ("/t/{id}", ["t", "{id}"], ["id": "{id}"]),
            ("/t/{id}", ["t"], nil), ("/t/{id}", ["t", "x", "y"], nil), ("/t/{id}", ["T", "x"], nil),
            ("/{a}/t/{b}", ["1", "t", "2"], ["a": "1", "b": "2"]), ("/{a}/t/{b}", ["1", "2", "t"], nil),
        ] as [(String, [String], [String: String]?)])
    func values(_ pattern: String, _ segments: [String], _ values: [String: String]?) {
        #expect(PathPattern(pattern).values(in: segments) == values)
    }
}
