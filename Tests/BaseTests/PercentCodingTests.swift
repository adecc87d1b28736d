import Base
import Testing

@Suite("PercentCoding")
struct PercentCodingTests {
    @Test(
        "what is not unreserved is encoded",
        arguments: [
            ("", ""), ("aZ09-._~", "aZ09-._~"), ("a b", "a%20b"),
            ("/?#[]@!$&'()*+,;=", "%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D"),
            ("é", "%C3%A9"), ("%41", "%2541"), ("\u{0}\u{7f}", "%00%7F"),
        ])
    func encode(_ text: String, _ encoded: String) {
        #expect(PercentCoding.encode(text) == encoded)
        #expect(PercentCoding.decode(encoded.utf8) == Array(text.utf8))
        #expect(PercentCoding.decodeLeniently(encoded.utf8) == Array(text.utf8))
    }

    @Test("digits are read in either case, and decoded once")
    func digits() {
        #expect(PercentCoding.decode("%c3%A9%2541".utf8) == Array("é%41".utf8))
        #expect(PercentCoding.decode("%ff%00".utf8) == [0xFF, 0])
    }

    @Test(
        "a stray % is refused, and left as it is by who is lenient",
        arguments: ["%", "%4", "%4g", "%g4", "%%41", "a%", "%é", "% 41"])
    func malformed(_ text: String) {
        #expect(PercentCoding.decode(text.utf8) == nil)
        #expect(PercentCoding.decodeLeniently(text.utf8).first == text.utf8.first)
    }

    @Test("lenient decoding takes the whole escapes among others")
    func lenient() {
        for (text, decoded) in [("%%41", "%A"), ("%4%41", "%4A"), ("100%", "100%"), ("%4g", "%4g")] {
            #expect(PercentCoding.decodeLeniently(text.utf8) == Array(decoded.utf8))
        }
    }

    @Test("a plus is a space where a form says so")
    func plus() {
        #expect(PercentCoding.decode("a+b%2B".utf8) == Array("a+b+".utf8))
        #expect(PercentCoding.decode("a+b%2B".utf8, plusIsSpace: true) == Array("a b+".utf8))
    }

    @Test("every byte is a digit, a letter, a hexadecimal digit or none of them, as the standard library has it")
    func bytes() {
        for byte in UInt8.min...UInt8.max {
            let character = Character(Unicode.Scalar(byte))
            #expect(byte.isDigit == (byte < 0x80 && character.isNumber))
            #expect(byte.isLetter == (byte < 0x80 && character.isLetter))
            #expect(byte.hexadecimalValue.map(Int.init) == (byte < 0x80 ? character.hexDigitValue : nil))
            #expect(byte.hexadecimalDigit.hexadecimalValue == byte & 15)
        }
    }
}

@Suite("FNV1a")
struct FNV1aTests {
    @Test("as its authors have published it")
    func published() {
        for (text, long, short) in [
            ("", 0xCBF2_9CE4_8422_2325, 0x811C_9DC5), ("a", 0xAF63_DC4C_8601_EC8C, 0xE40C_292C),
            ("foobar", 0x8594_4171_F739_67E8, 0xBF9C_F968),
        ] as [(String, UInt64, UInt32)] {
            #expect(FNV1a.hash64(text.utf8) == long && FNV1a.hash32(text.utf8) == short)
        }
    }
}
