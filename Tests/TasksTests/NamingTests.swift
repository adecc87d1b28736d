import Dialects
import Tasks
import Testing

@Suite("Naming")
struct NamingTests {
    private let task = ChannelName.task(Identifier("video_1")!)

    @Test("keys and channel are spelled as documented")
    func standard() {
        #expect(Naming.standard.channel(task.text) == "task:video_1")
        #expect(Naming.standard.metaKey(of: task) == "ft:{task:video_1}:m")
        #expect(Naming.standard.historyKey(of: task) == "ft:{task:video_1}:h")
        #expect(Naming.standard.publishFunction == "fantail_publish")
    }

    @Test("what workers may not touch is outside their pattern, ft:{task:*")
    func secrets() {
        #expect(Naming.standard.secretKey(of: task) == "ft:secret:{task:video_1}")
        #expect(Naming.standard.inquiryKey(of: task) == "ft:inquiry:{task:video_1}")
        #expect(Naming.standard.dueInquiriesKey == "ft:{inquiries}:due")
    }

    @Test("prefixes show in keys, channels and the library's name, and the tag stays the channel")
    func prefixed() throws {
        let naming = try #require(Naming(keyPrefix: "app", channelPrefix: "eu:"))
        #expect(naming.channel(task.text) == "eu:task:video_1")
        #expect(naming.metaKey(of: task) == "app:{eu:task:video_1}:m")
        #expect(naming.library == "fantail_app_eu_")
        #expect(naming.publishFunction == "fantail_publish_app_eu_")
    }

    @Test(
        "prefixes that would break a key are refused",
        arguments: ["", "a{b", "a b", "ä", String(repeating: "x", count: 33)])
    func refused(_ prefix: String) { #expect(Naming(keyPrefix: prefix) == nil) }
}
