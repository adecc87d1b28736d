import Examples

@testable import JSON

/// The JSON reader: a text that it accepts can be walked to its last leaf, and is the same after rewriting.
enum JSONFuzz {
    static let reader = FuzzTarget(
        name: "json", seeds: { (seeds + Examples.fromServer("topics")).map { Array($0.utf8) } }
    ) { input in
        let value = try? parser.value(input)
        let object = try? parser.object(input)
        demand((object != nil) == (value?.kind == .object), "value and object differ")
        let sliced = try? parser.object(([0x20] + input + [0x20])[1..<input.count + 1])
        demand(sliced?.bytes == object?.bytes && sliced?.fields.count == object?.fields.count, "sliced, it differs")
        guard let value else { return }
        let once = JSONFuzz.rewritten(value, parser)
        demand(once.count <= input.count, "written anew it is longer: \(String(decoding: once, as: UTF8.self))")
        guard let again = try? parser.value(once) else { fatalError("written anew it is no JSON") }
        demand(JSONFuzz.rewritten(again, parser) == once, "written anew twice, it differs")
        demand((try? parser.object(once))?.repeatedKey == nil, "written anew, a key appears twice")
    }

    private nonisolated(unsafe) static let parser = JSONParser(maxBytes: 65_536)

    /// `value` without space, and with only the necessary escapes; without duplicate fields.
    static func rewritten(_ value: JSONValue, _ parser: JSONParser) -> [UInt8] {
        var writer = JSONWriter(capacity: value.raw.count)
        write(value, parser, to: &writer)
        return writer.bytes
    }

    private static func write(_ value: JSONValue, _ parser: JSONParser, to writer: inout JSONWriter) {
        switch value.kind {
        case .object:
            guard let object = value.object(parser) else { fatalError("an object without fields: \(value.raw)") }
            writer.beginObject()
            for field in object.fields {
                let key = field.key
                demand(object[key]?.raw == field.value.raw, "the field \(key) is not found by its key")
                writer.key(key)
                write(field.value, parser, to: &writer)
            }
            writer.endObject()
        case .array:
            guard let elements = value.elements else { fatalError("an array without elements: \(value.raw)") }
            writer.beginArray()
            for element in elements { write(element, parser, to: &writer) }
            writer.endArray()
        case .string:
            guard let text = value.string else { fatalError("a string without text") }
            writer.string(text)
        case .number:
            demand(value.double?.isFinite != false, "a number that is none")
            demand(value.integer == nil || value.digits != nil, "an integer without digits: \(value.raw)")
            demand(JSONNumber.isValid(String(decoding: value.raw, as: UTF8.self)), "not in the grammar: \(value.raw)")
            writer.value(value)
        case .bool, .null:
            demand(value.isNull || value.bool != nil, "neither true nor false nor null")
            writer.value(value)
        }
    }

    private static let seeds = [
        #"{"a":1,"\u0061":2,"b":[1,-0.5e-3,[],{}],"c":{"d":null,"e":true,"f":false}}"#, #" [ 1 , "x" ] "#,
        #""\ud83d\ude00\u00e9\n\"\\\/""#, "18446744073709551615", "-9223372036854775808",
        #"{"a":123456789012345678901234567890,"b":[1e400,-0.1234567890123456789e-999]}"#,
        #"{"":"","k0":0,"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"ka":1,"kb":1,"kc":1,"kd":1,"ke":1,"k0":9}"#,
    ]
}
