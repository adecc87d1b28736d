import Events
import RESP
import RedisFixture
import Testing

@testable import Store

/// The Lua files and their descriptions in Swift.
@Suite("Script files")
struct ScriptsTests {
    @Test("every file is a script that nodes load, the workers' Function, or a part of one of these")
    func allAreUsed() {
        let scripts = ScriptFile.names.filter { ScriptFile.text($0).hasPrefix("#!lua") }
        let parts = scripts.reduce(into: Set<String>()) { $0.formUnion(ScriptFile.parts(of: ScriptFile.text($1))) }
        #expect(parts == ScriptFile.names.subtracting(scripts))
        #expect(scripts.count == Scripts.all.count + 1)
        #expect(Set(Scripts.all.map(\.name)).count == Scripts.all.count)
        let texts = Set(Scripts.all.map(\.text) + [ScriptFile.script("PublishFunction")])
        #expect(texts == Set(scripts.map(ScriptFile.script)))
    }

    @Test(
        "the head of every script says its keys, its reply, and how it is tried", arguments: ScriptFile.names.sorted())
    func heads(_ name: String) {
        let text = ScriptFile.text(name)
        guard text.hasPrefix("#!lua") else { return }
        for mark in ["\n-- KEYS   ", "\n-- Reply  ", "\n-- Try    ops/redis/script "] {
            #expect(text.contains(mark), "\(name) has no \(mark)")
        }
        #expect(text.contains("ARGV[") == text.contains("\n-- ARGV   ") || name.hasPrefix("Publish"), "\(name)")
    }

    @Test("bounds that Lua and Swift share are the same")
    func bounds() {
        let stages = "local max_stages, max_stage_bytes = \(CompletedStages.maxCount), \(CompletedStages.maxBytes)\n"
        #expect(ScriptFile.text("Publishing").contains(stages))
        let reading =
            "local bytes_around_event, any_epoch = \(EventLimits.bytesAroundEvent), '\(ReadScript.anyEpoch)'\n"
        #expect(ScriptFile.text("ReadScript").contains(reading))
        #expect(ScriptFile.text("PublishArguments").contains("local arguments_of_event = 14\n"))
    }

    @Test("the Function's file is what a node with the default settings loads")
    func defaults() {
        #expect(
            PublishFunction(naming: .standard, limits: HistoryLimits()).source == ScriptFile.script("PublishFunction"))
    }
}
