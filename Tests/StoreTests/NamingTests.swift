import Events
import Dialects
import Testing

@testable import Store

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

    @Test("keys that workers may not touch are outside their pattern, ft:{task:*")
    func secrets() {
        #expect(Naming.standard.secretKey(of: task) == "ft:secret:{task:video_1}")
        #expect(Naming.standard.inquiryKey(of: task) == "ft:inquiry:{task:video_1}")
        #expect(Naming.standard.dueInquiriesKey == "ft:{inquiries}:due")
        #expect(Naming.standard.dueSecretsKey == "ft:{secrets}:due")
    }

    @Test("the channel of restarted tasks is inside the workers' pattern, and no task's")
    func restarts() { #expect(Naming.standard.announcementsChannel == "task:" && Identifier("") == nil) }

    @Test("prefixes show in keys, channels and the library's name, and the tag stays the channel")
    func prefixed() throws {
        let naming = try #require(Naming(keyPrefix: "app", channelPrefix: "eu:"))
        #expect(naming.channel(task.text) == "eu:task:video_1")
        #expect(naming.metaKey(of: task) == "app:{eu:task:video_1}:m")
        #expect(naming.library.hasPrefix("fantail_app_eu__"))
        #expect(naming.publishFunction.hasPrefix("fantail_publish_app_eu__"))
        #expect(Naming(keyPrefix: "app")?.library == "fantail_app")
        #expect(Naming(keyPrefix: "my_app2")?.publishFunction == "fantail_publish_my_app2")
    }

    @Test("no two prefixes share a Function, and each name is one that Redis takes")
    func apart() throws {
        var names: Set<String> = []
        let prefixes = [
            ("ft", ""), ("ft", "eu:"), ("ft", "eu."), ("ft", "eu_"), ("ft_eu_", ""), ("a.b", ""), ("a-b", ""),
            ("a_b", ""),
            ("a", "b"), ("a", "_b"), ("a_", "b"), ("app", ""), ("app", "version"), ("app_version", ""), ("version", ""),
        ]
        for (key, channel) in prefixes {
            let naming = try #require(Naming(keyPrefix: key, channelPrefix: channel))
            for name in [naming.library, naming.publishFunction, naming.publishFunction + "_version"] {
                #expect(names.insert(name).inserted, "\(name) is there twice")
                #expect(
                    name.utf8.allSatisfy {
                        $0 == UInt8(ascii: "_") || Character(UnicodeScalar($0)).isLetter
                            || Character(UnicodeScalar($0)).isNumber
                    })
            }
        }
    }

    @Test(
        "prefixes that would break a key are refused",
        arguments: ["", "a{b", "a b", "ä", String(repeating: "x", count: 33)])
    func refused(_ prefix: String) { #expect(Naming(keyPrefix: prefix) == nil) }
}
