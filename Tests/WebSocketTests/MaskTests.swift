import Cuttings
import Testing

@testable import WebSocket

@Suite("Mask (RFC 6455 5.3)")
struct MaskTests {
    @Test("words and single bytes agree with the RFC's definition, at every length and cut")
    func agrees() {
        let key: [UInt8] = [0x01, 0x23, 0x45, 0x67]
        for count in 0...70 {
            let payload = (0..<count).map { UInt8($0 * 3) }
            let expected = payload.enumerated().map { $1 ^ key[$0 % 4] }
            for cutting in Cutting.all(of: payload, random: 4) {
                var mask = Mask(0x0123_4567)
                var masked: [UInt8] = []
                for piece in cutting.pieces {
                    var bytes = Array(piece)
                    bytes.withUnsafeMutableBytes { mask.apply(to: $0) }
                    masked += bytes
                }
                #expect(masked == expected, "\(count) bytes, \(cutting.name)")
            }
        }
    }

    @Test("an unaligned address works")
    func unaligned() {
        let expected: [UInt8] = (0..<21).map { $0 % 4 + 1 }
        for offset in 0..<8 {
            var bytes = [UInt8](repeating: 0, count: 40)
            var mask = Mask(0x0102_0304)
            bytes.withUnsafeMutableBytes { all in
                mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: all[offset..<offset + 21]))
            }
            #expect(Array(bytes[offset..<offset + 21]) == expected)
        }
    }
}
