import Events
import RESP
import Testing

@testable import Store

@Suite("Where a batch ended up")
struct PublishReceiptTests {
    @Test(
        "a receipt has a sequence, or is none",
        arguments: [.min, .min + 1, -1, 0, 1, 1 << 31 - 1, 1 << 31, 1 << 53, 1 << 53 + 1, .max - 1, .max] as [Int64])
    func sequence(_ number: Int64) {
        let receipt = PublishReceipt(.array([.bulk(Array("e1".utf8)), .integer(number), .integer(1)]))
        #expect(receipt?.position == (number < 0 ? nil : Position(epoch: "e1", sequence: UInt64(number))))
    }
}
