/// `{"error":{"code":"NOT_FOUND","message":"…"}}`, the body of every refusal.
func errorBody(code: ErrorCode, message: String) -> [UInt8] {
    var body = Array(#"{"error":{"code":""#.utf8)
    body += code.rawValue.utf8
    body += #"","message":""#.utf8
    for byte in message.utf8 { appendEscaped(byte, to: &body) }
    body += #""}}"#.utf8
    return body
}

/// One byte of a JSON string (RFC 8259 7). HTTP has no JSON writer below it, and needs only this.
private func appendEscaped(_ byte: UInt8, to text: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
    case 0..<0x20: text += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
    default: text.append(byte)
    }
}
