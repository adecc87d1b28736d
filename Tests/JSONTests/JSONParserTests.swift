import JSON
import Testing

@Suite("JSONParser")
struct JSONParserTests {
    private let parser = JSONParser(maxBytes: 4096, maxDepth: 8)

    private func object(_ text: String) throws(JSONError) -> JSONObject { try parser.object(Array(text.utf8)) }

    @Test("finds every top-level field, in order, raw")
    func fields() throws {
        let object = try object(#" {"a": 1 ,"b":"x","c":[1,{"d":2}],"e":{"f":null},"g":true,"h":null,"i":-1.5e3} "#)
        #expect(object.fields.count == 7)
        #expect(object["a"]?.integer == 1 && object["b"]?.string == "x" && object["g"]?.bool == true)
        #expect(object["h"]?.isNull == true && object["i"]?.double == -1500 && object["i"]?.integer == nil)
        #expect(object["c"].map { String(decoding: $0.raw, as: UTF8.self) } == #"[1,{"d":2}]"#)
        #expect(object["e"]?.object(parser)?["f"]?.isNull == true)
        #expect(object["z"] == nil)
    }

    @Test(
        "refuses what is not JSON, also deep inside a value nobody reads",
        arguments: [
            "", "{", "{}x", #"{"a":}"#, #"{"a":01}"#, #"{"a":NaN}"#, #"{"a":[1,}"#, #"{"a":{"b":tru}}"#, #"{"a":"\x"}"#,
            "{\"a\":\"\n\"}", #"{"a":1,}"#, "{'a':1}", #"{"a":"\ud800"}"#, "{\"a\":1}\0",
        ])
    func invalid(_ text: String) { #expect(throws: JSONError.self) { try object(text) } }

    @Test("refuses what is not UTF-8, an array, and what is too deep or too long")
    func bounds() throws {
        #expect(throws: JSONError.self) { try parser.object([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]) }
        #expect(throws: JSONError.self) { try object("[1]") }
        func nested(_ depth: Int) -> String {
            String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
        }
        #expect(try object(nested(8))["a"] != nil)
        #expect(throws: JSONError.self) { try object(nested(9)) }
        #expect(throws: JSONError.self) { try object(#"{"a":""# + String(repeating: "x", count: 4096) + "\"}") }
    }

    @Test("the first of several equal keys counts, however they are spelled")
    func duplicates() throws {
        let object = try object(#"{"ty\u0070e":"first","type":"second","n":1,"n":2}"#)
        #expect(object["type"]?.string == "first" && object["n"]?.integer == 1)
        #expect(object.fields.count == 2)
    }

    @Test("names a duplicate key, however it is spelled, at the top level only")
    func repeatedKeys() throws {
        #expect(try object(#"{"a":1,"b":{"a":2,"a":3},"A":4}"#).repeatedKey == nil)
        #expect(try object(#"{"a":1,"b":2,"\u0062":3,"a":4}"#).repeatedKey == "b")
        #expect(try object(#"{"":1,"":2}"#).repeatedKey == "")
        #expect(try object(#"{"x":{"a":2,"\u00e9":1,"é":3}}"#)["x"]?.object(parser)?.repeatedKey == "é")
        let many = (0..<40).map { #""k\#($0)":\#($0)"# }.joined(separator: ",")
        #expect(try object("{\(many)}").repeatedKey == nil)
        #expect(try object(#"{\#(many),"k7":0,"k3":0}"#).repeatedKey == "k7")
    }

    private static let big = [
        "18446744073709551616", "-9223372036854775809", "123456789012345678901234567890", "1e400", "-1E+999", "1e-400",
        "0.123456789012345678901234567890123456789", "1234567890123456789012345678901234567890.5e-3",
        String(repeating: "9", count: 1000),
    ]

    @Test("a number may have any size, at any place, and stays as written", arguments: big)
    func bigNumbers(_ number: String) throws {
        let text = #"{"a":\#(number),"b":[1,\#(number) ,{"c":\#(number)}],"d":"\#(number) \" 1e400","e":0.5}"#
        let object = try object(text)
        #expect(object.bytes == Array(text.utf8))
        #expect(object["a"].map { String(decoding: $0.raw, as: UTF8.self) } == number)
        #expect(object["a"]?.integer == nil && object["a"]?.double?.isFinite != false && object["e"]?.double == 0.5)
        #expect(object["b"]?.elements?.count == 3 && object["d"]?.string == number + " \" 1e400")
        #expect(try parser.value(Array(number.utf8)).kind == .number)
    }

    @Test("next to a number of any size nothing invalid is accepted", arguments: big)
    func bigNumbersStrictly(_ number: String) {
        for form in [
            "{\"a\":N", "{\"a\":N}}", "{\"a\":N,}", "{\"a\":N N}", "{\"a\":NN.}", "{\"a\":0N}", "{\"a\":+N}",
            "{\"a\":Nx}",
            "{\"a\":N\"b\":1}", "{\"a\":\"b\"N}", "{\"a\":Ntrue}", "{\"a\":[N,01]}", "{\"a\":[01,N]}",
            "{\"a\":[N,\"\n\"]}",
            "{\"a\":N,\"b\":tru}", "{\"a\":N,\"b\":\"\\x\"}", "{\"a\":N,\"b\":\"\\ud800\"}", "{N:1}", "{\"a\":Ne}",
            "{\"a\":N-1}",
            "{\"a\":N}\0", "{\"a\":N,\"b\":NaN}", "{\"a\":N,\"b\":.5}", "{\"a\":[[[[[[[[N]]]]]]]]}", "[N",
        ] {
            let text = form.replacing("N", with: number)
            #expect(throws: JSONError.self, "\(form)") { try object(text) }
        }
        let notUTF8 = Array(#"{"a":\#(number),"b":""#.utf8) + [0xFF] + Array("\"}".utf8)
        #expect(throws: JSONError.self) { try parser.object(notUTF8) }
    }

    @Test("digits are those of an integer of any size")
    func digits() throws {
        let object = try object(#"{"a":123456789012345678901234567890,"b":-5,"c":1.0,"d":1e3,"e":"5"}"#)
        #expect(object["a"]?.digits == "123456789012345678901234567890" && object["b"]?.digits == "-5")
        #expect(object["c"]?.digits == nil && object["d"]?.digits == nil && object["e"]?.digits == nil)
    }

    @Test("strings are unescaped")
    func strings() throws {
        let object = try object(#"{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é"}"#)
        #expect(object["a"]?.string == "\"\\/\u{8}\u{c}\n\r\té😀é")
    }

    @Test("an array of strings is read, anything else is not")
    func arrays() throws {
        let object = try object(#"{"a":["x","y"],"b":["x",1],"c":[],"d":"x"}"#)
        #expect(object["a"]?.strings == ["x", "y"] && object["c"]?.strings == [])
        #expect(object["b"]?.strings == nil && object["d"]?.strings == nil)
    }

    @Test("what the writer writes, the parser reads")
    func writer() throws {
        var writer = JSONWriter(capacity: 16)
        writer.beginObject()
        writer.key("a\"b" as String)
        writer.string("\u{1}\"\\é😀\n")
        writer.key("n")
        writer.beginArray()
        writer.integer(Int64.min)
        writer.bool(false)
        writer.null()
        writer.double(0.5)
        writer.endArray()
        writer.endObject()
        let object = try parser.object(writer.bytes)
        #expect(object["a\"b" as String]?.string == "\u{1}\"\\é😀\n")
        #expect(object["n"]?.elements?.count == 4 && object["n"]?.elements?[0].integer == .min)
    }
}
