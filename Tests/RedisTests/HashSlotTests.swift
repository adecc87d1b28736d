import Testing

@testable import RESP

@Suite("The hash slot of a key")
struct HashSlotTests {
    @Test(
        "is what CLUSTER KEYSLOT answers",
        arguments: [
            ("task:v1", 11_631), ("", 0), ("123456789", 12_739), ("foo", 12_182), ("bar", 5_061), ("foo{bar}", 5_061),
        ])
    func slots(key: String, number: Int) {
        #expect(HashSlot.of(key).number == number)
    }

    @Test("hashes with the check sum of XMODEM")
    func checkSum() {
        #expect(CRC16.of("123456789".utf8) == 0x31C3)
    }

    @Test(
        "is that of what stands in braces, where there is something",
        arguments: [
            ("ft:{task:x}:m", "task:x"), ("{a}{b}", "a"), ("x{a}", "a"), ("{a}}", "a"), ("{{a}", "{a"),
            ("foo{{bar}}zap", "{bar"), ("}{a}", "a"), ("{ä}", "ä"),
        ])
    func tags(key: String, tag: String) {
        #expect(HashSlot.of(key) == HashSlot.of(tag))
    }

    @Test(
        "is that of the whole key where the first braces are empty or open",
        arguments: ["{}x", "foo{}{bar}", "{x", "x}", "{"])
    func noTags(key: String) {
        #expect(HashSlot.of(key).number == Int(CRC16.of(key.utf8)) % HashSlot.count)
        #expect(HashSlot.of(key) != HashSlot.of("bar") && HashSlot.of(key) != HashSlot.of("x"))
    }
}
