import Settings
import Testing

@Suite("What was probably meant")
struct SuggestionTests {
    private static let known = ["watch", "run", "publish", "online", "check", "--port", "--timeout", "--url"]

    @Test(
        "the nearest known word",
        arguments: [
            ("wacth", "watch"), ("wathc", "watch"), ("watc", "watch"), ("watchh", "watch"), ("pubish", "publish"),
            ("ruh", "run"), ("--prot", "--port"), ("--timout", "--timeout"), ("chekc", "check"), ("Watch", "watch"),
            ("watch", nil), ("", nil), ("x", nil), ("serve-all", nil), ("--", nil), ("äöü", nil),
        ] as [(String, String?)])
    func nearest(_ word: String, _ meant: String?) {
        #expect(Suggestion.nearest(to: word, among: Self.known) == meant)
    }

    @Test("a word of any length is compared in bounded time")
    func long() {
        #expect(Suggestion.nearest(to: String(repeating: "watch", count: 100_000), among: Self.known) == nil)
        #expect(Suggestion.question("wacth", among: Self.known) == "; did you mean watch?")
        #expect(Suggestion.question("zzz", among: Self.known) == ";")
    }
}
