import JSON
import Testing

@testable import Events
@testable import Dialects

@Suite("Tables by dialect and field")
struct ByDialectTests {
    @Test("each dialect has a value of its own")
    func values() {
        var numbers = ByDialect(repeating: 0)
        for (number, name) in DialectName.allCases.enumerated() { numbers[name] = number }
        #expect(DialectName.allCases.map { numbers[$0] } == Array(0..<DialectName.allCases.count))
        #expect(ByDialect(repeating: 0) != numbers)
    }

    @Test("every field has its place and its bit")
    func fields() {
        let text = EventField.allCases.map { "\"\($0.name)\":\($0.rawValue)" }.joined(separator: ",")
        let words = Words()
        let object = words.object("{\(text)}")
        let places = FieldPlaces(object)
        for field in EventField.allCases {
            #expect(places.value(field, in: object)?.integer == Int64(field.rawValue))
            #expect(EventField.allCases.filter(EventFieldSet(field).contains) == [field])
        }
    }
}
