import COpenSSL

/// `Sec-WebSocket-Key` and its answer (RFC 6455 4.1, 4.2.2).
enum HandshakeKey {
    /// The key's bytes before they are encoded.
    static let byteCount = 16

    /// `Sec-WebSocket-Accept` for a key as sent.
    static func accept(_ key: String) -> String {
        let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        let status = EVP_Digest(text, text.count, &digest, &count, EVP_sha1(), nil)
        precondition(status == 1, "EVP_Digest: SHA-1 is not available")
        return base64(Array(digest.prefix(Int(count))))
    }

    /// Standard base64 with padding.
    static func base64(_ bytes: [UInt8]) -> String {
        // EVP_EncodeBlock writes four characters for three bytes or a part of them, and a NUL.
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }

    /// Whether `key` is the base64 of 16 bytes: 22 characters and two of padding.
    static func isValid(_ key: String) -> Bool {
        key.utf8.count == 24 && key.hasSuffix("==") && key.utf8.dropLast(2).allSatisfy(isBase64Character)
    }

    private static func isBase64Character(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
