import JSON
import Testing

@testable import Events
@testable import Dialects

@Suite("Tables by dialect")
struct ByDialectTests {
    @Test("each dialect has a value of its own")
    func values() {
        var numbers = ByDialect(repeating: 0)
        for (number, name) in DialectName.allCases.enumerated() { numbers[name] = number }
        #expect(DialectName.allCases.map { numbers[$0] } == Array(0..<DialectName.allCases.count))
        #expect(ByDialect(repeating: 0) != numbers)
    }
}
