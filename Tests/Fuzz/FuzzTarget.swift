import Cuttings
import Events
import Dialects
import Examples

/// One decoder under test: its seeds, and the properties that must hold for any bytes.
struct FuzzTarget: Sendable {
    /// Its name on the command line.
    let name: String
    /// Valid bytes for the fuzzer to start from.
    let seeds: @Sendable () -> [[UInt8]]
    /// Decodes the bytes; ends the process where something does not hold.
    let run: @Sendable ([UInt8]) -> Void

    /// Every target.
    static let all: [FuzzTarget] = [
        HTTPFuzz.requests, HTTPFuzz.responses, WebSocketFuzz.frames, DeflateFuzz.inflate, DeflateFuzz.roundTrip,
        JSONFuzz.reader, EnvelopeFuzz.header, DialectFuzz.target(.jobs), DialectFuzz.target(.tasks),
        DialectFuzz.target(.presence), DialectFuzz.target(.topics), EventFuzz.events, RedisFuzz.values,
        RedisFuzz.pushes, TokenFuzz.tokens, ThirdPartyFuzz.answers, PositionFuzz.texts, PositionFuzz.memory,
        ProgressFuzz.output, ProgressFuzz.pattern, SocketIOFuzz.bodies,
    ]
}

/// Ends the process, with the input kept by the fuzzer, unless `condition` holds.
func demand(_ condition: @autoclosure () -> Bool, _ what: @autoclosure () -> String) {
    guard condition() else { fatalError(what()) }
}

extension Cutting {
    /// Whole, cut where the input itself determines, so that the same input is always cut in the same way, and byte by
    /// byte, unless it is so long that this would take most of the fuzzer's time.
    static func repeatable(of input: [UInt8]) -> [Cutting] {
        let seed = input.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }  // FNV-1a
        let cut = Cutting(of: input, seed: seed)
        guard input.count <= 256 else { return [all(of: input, random: 0)[0], cut] }
        return all(of: input, random: 0) + [cut]
    }
}
