import Testing

@testable import Events

@Suite("Identifier")
struct IdentifierTests {
    @Test("1 to 128 bytes of printable ASCII without spaces and braces")
    func rule() {
        for text in ["a", "!", "~", "video_1", "a:b?c=d%20", String(repeating: "x", count: 128)] {
            #expect(Identifier(text)?.text == text)
        }
        for text in ["", " ", "a b", "a\t", "{", "a}", "é", "\u{7f}", "\u{0}", String(repeating: "x", count: 129)] {
            #expect(Identifier(text) == nil, "\(text)")
        }
    }
}

@Suite("ChannelName")
struct ChannelNameTests {
    @Test(
        "a name is a kind and an id, and gives both back",
        arguments: [
            ("task:v", .task, "v"), ("user:7", .user, "7"), ("team:a:b", .team, "a:b"),
            ("topic:t?a=1", .topic, "t?a=1"),
            ("everyone", .everyone, ""),
        ] as [(String, ChannelName.Kind, String)])
    func names(_ text: String, _ kind: ChannelName.Kind, _ id: String) throws {
        let name = try #require(ChannelName(text))
        #expect(name.kind == kind && name.id == id && name.text == text && "\(name)" == text)
        #expect(name.isPersonal == [.user, .team, .everyone].contains(kind))
    }

    @Test(
        "anything else is none",
        arguments: ["", ":", "task", "task:", "task:a b", "Task:v", "job:v", "everyone:", "everyone:x", " task:v"])
    func others(_ text: String) { #expect(ChannelName(text) == nil) }
}

@Suite("Position")
struct PositionTests {
    @Test(
        "a sequence is written in digits",
        arguments: [
            ("0", 0), ("1", 1), ("007", 7), ("2147483647", 1 << 31 - 1), ("2147483648", 1 << 31),
            ("9007199254740991", 1 << 53 - 1), ("9007199254740993", 1 << 53 + 1), ("9223372036854775807", 1 << 63 - 1),
            ("9223372036854775808", 1 << 63), ("18446744073709551614", .max - 1), ("18446744073709551615", .max),
        ] as [(String, UInt64)])
    func sequences(_ text: String, _ sequence: UInt64) { #expect(Position.sequence(text) == sequence) }

    @Test(
        "anything else is none",
        arguments: [
            "", "-1", "-0", "+1", " 1", "1 ", "1.0", "0.5", "1e3", "1E30", "0x10", "18446744073709551616",
            "18446744073709551617",
            "1000000000000000000000000000000", "-9223372036854775808", "-9223372036854775809", "nan", "inf", "١",
            "1\u{0}",
        ])
    func others(_ text: String) { #expect(Position.sequence(text) == nil) }
}
