import Testing

@testable import Settings

@Suite("The welcome text")
struct WelcomeTests {
    @Test(
        "names the user wherever the text says so, and reads nothing else in it",
        arguments: [
            ("Welcome, {username}!", "Ann", "Welcome, Ann!"), ("欢迎, {username}!", "小明", "欢迎, 小明!"),
            ("{username} {username}", "a", "a a"), ("Hello", "Ann", "Hello"), ("{name} {", "Ann", "{name} {"),
            ("{username}", "{username}", "{username}"), ("\\(0) \n\"", "Ann", "\\(0) \n\""), ("{username}", "", ""),
        ])
    func text(_ setting: String, _ username: String, _ expected: String) throws {
        #expect(try Welcome(setting).text(for: username) == expected)
    }

    @Test("has 1 to 1024 bytes")
    func bounds() throws {
        #expect(Welcome.standard.text(for: "username") == "Welcome, username!")
        for (count, isTaken) in [(0, false), (1, true), (1024, true), (1025, false)] {
            #expect(((try? Welcome(String(repeating: "x", count: count))) != nil) == isTaken)
        }
        #expect((try? Welcome(String(repeating: "欢", count: 342))) == nil)
    }
}
