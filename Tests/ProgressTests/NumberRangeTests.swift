import Progress
import Testing

private enum Outside {
    /// Numbers in place of a count, a percentage or a time: the limits of types and arithmetic, and their neighbours.
    static let numbers = [
        "0", "1", "-1", "-0", "0.5", "1.5", ".", "..", "1..2", "1e3", "1e30", "1e400", "nan", "inf", "0x10", "+1",
        "2147483647", "-2147483647", "2147483648", "-2147483648", "2147483649", "-2147483649", "2147483648.5",
        "4294967295", "-4294967295", "4294967296", "-4294967296", "4294967297", "-4294967297", "4294967296.5",
        "9007199254740991", "-9007199254740991", "9007199254740992", "-9007199254740992", "9007199254740993",
        "-9007199254740993", "9007199254740992.5", "9223372036854775807", "-9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "9223372036854775809", "-9223372036854775809", "9223372036854775808.5",
        "18446744073709551615", "-18446744073709551615", "18446744073709551616", "-18446744073709551616",
        "18446744073709551617", "-18446744073709551617", "18446744073709551616.5", "100000000", "999999999",
        "10000000000000", "99999999999999", "100000000000000", "999999999999999", "1000000000000000",
        "9999999999999999", "10000000000000000", "99999999999999999", "10000000000000000000", "99999999999999999999",
        "100000000000000000000000000000", "999999999999999999999999999999",
        String(repeating: "9", count: 300),
    ]
}

@Suite("Numbers of any size in output")
struct NumberRangeTests {
    /// `#` stands for the number.
    private static let forms = [
        "#%", "[ #%] Building", "#/#", "#/100", "[1/#] Compiling", "(#/#)", "Step #/3 : RUN make",
        "    1,234,567  45%    1.00MB/s    #:00:00", "    1,234,567  45%    1.00MB/s    0:#:00",
        "    1,234,567  45%    1.00MB/s    0:00:#", "    #  45%    1.00MB/s    0:00:12",
        "    1,234,567  #%    1.00MB/s    0:00:12", "    1,234,567  45%    #MB/s    0:00:12",
        "    1,234,567  45%    1.00MB/s    #:#:# (xfr#, to-chk=#/#)",
        "    1,234,567  45%    1.00MB/s    0:00:12 (xfr#5, to-chk=#/40)",
        "    1,234,567  45%    1.00MB/s    0:00:12 (xfr#5, to-chk=35/#)",
        "  Duration: #:#:#, start: 0", "  Duration: 00:#:00.00", "  Duration: 00:00:#",
        "frame=#  fps=# q=# size=# time=#:#:# bitrate=# speed=#x", "frame=1 time=00:00:# speed=#x",
        "Step # of #", "Frame # of 500", "[1 of #]", "#/# MB", "#MB/5.0GB", "1.2 kB / # PB", "#kB/#PiB eta #:#:#:#",
        "45% ETA #", "45% ETA #s", "45% eta #m#s", "45%|## | #/# [#:#<#:#, #it/s]", "━━ #% #:#:#",
        "  % Total    % Received % Xferd\n# # # # # # # # #:#:# #:#:# #:#:# #",
        "DL% UL%\n# -- # # # # #:#:# #:#:# #:#:# #",
        "  % Total    % Received % Xferd\n45 1 2 3 4 5 6 7 0:00:# #:#:# 0:#:00 9", "\u{1B}[#A45%\u{1B}[#B46%\u{1B}[#A",
        "size=#kB time=#:00:00 speed=1x", "out_time=#:#:#\nspeed=#x", "out_time=00:00:01\nspeed=#x",
    ]

    @Test("for any number a reading is from 0 to 100 and its seconds are bounded", arguments: forms)
    func range(_ form: String) {
        for number in Outside.numbers {
            for before in ["", "  Duration: 00:00:20.00\n", "  Duration: #:00:00.00\n"] {
                var reader = OutputReader()
                let text = (before + form + "\n").split(separator: "#", omittingEmptySubsequences: false)
                    .joined(separator: number)
                let bytes = Array(text.utf8)
                for byte in bytes { expectSensible([byte], &reader, text) }
                expectSensible(bytes, &reader, text)
            }
        }
    }

    private func expectSensible(_ bytes: [UInt8], _ reader: inout OutputReader, _ text: String) {
        guard let reading = bytes.withUnsafeBytes({ reader.read($0, from: .error) }) else { return }
        if let percent = reading.percent { #expect((0...100).contains(percent), "\(text)") }
        if let seconds = reading.remainingSeconds { #expect((0...1_000_000_000).contains(seconds), "\(text)") }
        let line = Board.Line(name: "t", mark: .running, percent: reading.percent, words: reading.message ?? "")
        #expect(Board(style: Board.Style(columns: 80, isUnicode: true, isColoured: true)).draw([line]).count == 1)
    }

    @Test("the hour that is left out of reach leaves the percentage")
    func hours() {
        for hours in ["277778", "9999999999999999", "2562047788015216"] {
            var reader = OutputReader()
            let line = Array("    1,234,567  45%    1.00MB/s    \(hours):00:00\n".utf8)
            #expect(line.withUnsafeBytes { reader.read($0, from: .output) } == Reading(percent: 45))
        }
    }

    @Test(
        "bars of any percentage",
        arguments: [
            (-1, "  0%"), (0, "  0%"), (99.9, " 99%"), (100, "100%"), (1e3, "999%"), (-1e300, "  0%"), (1e300, "999%"),
            (0x1p31, "999%"), (0x1p53, "999%"), (0x1p63, "999%"), (0x1p64, "999%"), (.infinity, "999%"),
            (-.infinity, "  0%"), (.nan, "    "), (.leastNonzeroMagnitude, "  0%"),
        ] as [(Double, String)])
    func bars(_ percent: Double, _ shown: String) {
        let line = Board.Line(name: "t", mark: .running, percent: percent, words: "w")
        let drawn = Board(style: Board.Style(columns: 60, isUnicode: false, isColoured: false)).draw([line])[0]
        #expect(drawn.hasSuffix("  \(shown)  w"), "\(drawn)")
        #expect(drawn.utf8.count < 60)
    }

    @Test(
        "clocks of any number of seconds",
        arguments: [
            (-1, "?"), (0, "0:00"), (59.9, "0:59"), (3600, "1:00:00"), (0x1p31, "596523:14:08"), (0x1p53, "?"),
            (0x1p63, "?"),
            (0x1p64, "?"), (1e30, "?"), (.infinity, "?"), (.nan, "?"),
        ] as [(Double, String)])
    func clocks(_ seconds: Double, _ text: String) { #expect(TimeText.clock(seconds) == text) }
}
