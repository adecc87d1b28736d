/// SplitMix64: a failing test prints its seed and can be run again.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64 = UInt64.random(in: 0...UInt64.max)) {
        self.seed = seed
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// How to cut input into feeds.
enum Cut: CustomStringConvertible {
    case whole, bytes
    case random(seed: UInt64)

    static var all: [Cut] { [.whole, .bytes] + (0..<20).map { _ in .random(seed: .random(in: 0...UInt64.max)) } }

    func pieces(of bytes: [UInt8], atMost limit: Int) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var random: SeededRandom? = if case .random(let seed) = self { SeededRandom(seed: seed) } else { nil }
        var start = 0
        while start < bytes.count {
            var length = limit
            if case .bytes = self { length = 1 }
            if random != nil { length = Int.random(in: 1...30, using: &random!) }
            let end = min(bytes.count, start + length)
            pieces.append(bytes[start..<end])
            start = end
        }
        return pieces
    }

    var description: String {
        switch self {
        case .whole: "whole"
        case .bytes: "byte by byte"
        case .random(let seed): "cut with seed \(seed)"
        }
    }
}
