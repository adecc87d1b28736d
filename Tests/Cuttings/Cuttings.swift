/// One way for an input to arrive: in these pieces. Every expectation's message should have its name.
public struct Cutting: Sendable {
    /// `whole`, `byte by byte`, or `cut at random, seed 123`, which ``init(of:seed:)`` repeats.
    public let name: String
    /// The input's bytes, in order.
    public let pieces: [ArraySlice<UInt8>]

    /// The pieces of a seed: mostly a few, sometimes many.
    public init(of input: [UInt8], seed: UInt64) {
        var random = SplitMix(state: seed)
        let longest = [2, 7, 40, 1500].randomElement(using: &random)!
        var pieces: [ArraySlice<UInt8>] = []
        var rest = input[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...longest, using: &random))
            pieces.append(piece)
            rest = rest[piece.endIndex...]
        }
        self.init(name: "cut at random, seed \(seed)", pieces: pieces)
    }

    private init(name: String, pieces: [ArraySlice<UInt8>]) {
        self.name = name
        self.pieces = pieces
    }

    /// Every way to feed a decoder: whole, byte by byte, and cut at random places.
    public static func all(of input: [UInt8], random count: Int = 12) -> [Cutting] {
        let bytes = input.indices.map { input[$0...$0] }
        let fixed = [Cutting(name: "whole", pieces: [input[...]]), Cutting(name: "byte by byte", pieces: bytes)]
        return fixed + (0..<count).map { _ in Cutting(of: input, seed: .random(in: 0...999_999)) }
    }
}

/// A generator with a seed, the same everywhere.
public struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator at the start of its sequence.
    public init(state: UInt64) { self.state = state }

    /// The next number of the sequence.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
