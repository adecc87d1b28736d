import JSON
import Testing

@testable import Events

@Suite("The fields of an event")
struct EventFieldTests {
    @Test("every field has its place and its bit")
    func fields() throws {
        let text = EventField.allCases.map { "\"\($0.name)\":\($0.rawValue)" }.joined(separator: ",")
        let object = try JSONParser(maxBytes: 1024).object(Array("{\(text)}".utf8))
        let places = FieldPlaces(object)
        for field in EventField.allCases {
            #expect(places.value(field, in: object)?.integer == Int64(field.rawValue))
            #expect(EventField.allCases.filter(EventFieldSet(field).contains) == [field])
        }
    }
}
