@testable import Events
@testable import Store
import Testing

@Suite("Envelope")
struct EnvelopeTests {
    private func read(_ text: String) -> Envelope.Reading {
        Array(text.utf8).withUnsafeBytes { Envelope.read($0) }
    }

    @Test("an envelope gives its parts and where the event begins")
    func whole() {
        let header = "\u{1}ft1:hoctlncd8m:42:1795230000000\n"
        let expected = Envelope(
            epoch: "hoctlncd8m", sequence: 42, milliseconds: 1_795_230_000_000, bodyOffset: header.utf8.count)
        #expect(read(header + "{}") == .sequenced(expected))
    }

    @Test(
        "anything that does not begin with the magic byte is a plain event",
        arguments: ["{}", "", "ft1:a:1:1\n{}", " "])
    func plain(_ text: String) { #expect(read(text) == .plain) }

    @Test(
        "what begins like an envelope and is none is forged",
        arguments: [
            "\u{1}", "\u{1}ft1", "\u{1}ft1:", "\u{1}ft2:a:1:1\n{}", "\u{1}ft1::1:1\n{}", "\u{1}ft1:a:0:1\n{}",
            "\u{1}ft1:a::1\n{}", "\u{1}ft1:a:1:\n{}", "\u{1}ft1:a:1:1", "\u{1}ft1:A:1:1\n{}", "\u{1}ft1:a:-1:1\n{}",
            "\u{1}ft1:a:18446744073709551616:1\n{}", "\u{1}ft1:a:1:9223372036854775808\n{}",
            "\u{1}ft1:abcdefghijklmnop:1:1\n{}", "\u{1}ft1:a:1 :1\n{}",
        ])
    func forged(_ text: String) { #expect(read(text) == .forged) }

    @Test("the largest numbers are read")
    func largest() {
        #expect(
            read("\u{1}ft1:a:18446744073709551615:9223372036854775807\n")
                == .sequenced(
                    Envelope(epoch: "a", sequence: .max, milliseconds: .max, bodyOffset: 48)))
    }
}
