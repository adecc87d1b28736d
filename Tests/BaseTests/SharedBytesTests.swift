import Base
import Testing

@Suite("SharedBytes")
struct SharedBaseTests {
    @Test("keeps the written bytes, and no more")
    func keepsWhatWasWritten() {
        let bytes = SharedBytes(capacity: 16) { target in
            target.copyBytes(from: Array("fan".utf8))
            return 3
        }
        #expect(bytes.count == 3)
        #expect(bytes.array == Array("fan".utf8))
    }

    @Test("a copy is the same allocation")
    func copiesShare() {
        let bytes = SharedBytes([1, 2, 3])
        let copy = bytes
        #expect(copy.isIdentical(to: bytes))
        #expect(copy.baseAddress == bytes.baseAddress)
        #expect(!SharedBytes([1, 2, 3]).isIdentical(to: bytes))
    }

    @Test("empty is allowed")
    func empty() {
        #expect(SharedBytes([]).array.isEmpty)
    }
}
