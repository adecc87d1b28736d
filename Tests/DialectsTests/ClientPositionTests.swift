import JSON
import Testing

@testable import Events
@testable import Dialects

@Suite("A client's position")
struct ClientPositionTests {
    @Test(
        "an id of server-sent events is a place",
        arguments: [
            ("0", 0), ("1", 1), ("007", 7), ("2147483647", 1 << 31 - 1), ("2147483648", 1 << 31),
            ("9007199254740991", 1 << 53 - 1), ("9007199254740993", 1 << 53 + 1), ("9223372036854775807", 1 << 63 - 1),
            ("9223372036854775808", 1 << 63), ("18446744073709551614", .max - 1), ("18446744073709551615", .max),
        ] as [(String, UInt64)])
    func sequences(_ text: String, _ sequence: UInt64) {
        #expect(ServerSentEvent.position("e1:\(text)") == Position(epoch: "e1", sequence: sequence))
    }

    @Test(
        "a number that is no sequence is no place",
        arguments: [
            "", "-1", "-0", "+1", " 1", "1 ", "1.0", "0.5", "1e3", "1E30", "0x10", "18446744073709551616",
            "18446744073709551617",
            "1000000000000000000000000000000", "-9223372036854775808", "-9223372036854775809", "nan", "inf", "١",
            "1\u{0}",
        ])
    func others(_ text: String) { #expect(ServerSentEvent.position("e1:\(text)") == nil) }

    @Test(
        "what is no epoch and a number is no place",
        arguments: [
            "", ":", "1", "e1", "e1:1:2", ":1", "e 1:1", "e1:", "{e}:1", String(repeating: "e", count: 129) + ":1",
        ])
    func ids(_ id: String) { #expect(ServerSentEvent.position(id) == nil) }

    private func position(_ fields: String) throws -> Position? {
        try JSONParser(maxBytes: 1024).object(Array("{\(fields)}".utf8)).position
    }

    @Test(
        "a client's number that counts no events is out of reach, not forgotten",
        arguments: [
            ("0", 0), ("12", 12), ("9007199254740991", 1 << 53 - 1), ("9007199254740993", 1 << 53 + 1),
            ("9223372036854775807", 1 << 63 - 1), ("9223372036854775808", .max), ("18446744073709551615", .max),
            ("-1", .max), ("-9223372036854775808", .max), ("0.5", .max), ("5.0", .max), ("1e3", .max), ("1e308", .max),
            ("-1e-300", .max),
        ] as [(String, UInt64)])
    func clients(_ number: String, _ sequence: UInt64) throws {
        #expect(try position(#""epoch":"e1","sequence":\#(number)"#) == Position(epoch: "e1", sequence: sequence))
    }

    @Test(
        "without an epoch, or without a number, there is no place",
        arguments: [
            "", #""epoch":"e1""#, #""sequence":1"#, #""epoch":1,"sequence":1"#, #""epoch":"e1","sequence":"1""#,
            #""epoch":"e1","sequence":null"#, #""epoch":"e1","sequence":[1]"#, #""epoch":"","sequence":1"#,
        ])
    func incomplete(_ fields: String) throws { #expect(try position(fields) == nil) }
}
