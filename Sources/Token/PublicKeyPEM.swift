/// A public key as text (RFC 7468). libjwt would find a broken key only with the first token, and blame the token.
enum PublicKeyPEM {
    private static let labels = ["PUBLIC KEY", "RSA PUBLIC KEY"]

    /// Whether `pem` holds a complete key: base64 of one ASN.1 sequence of the right length.
    static func isWhole(_ pem: [UInt8]) -> Bool {
        let text = String(decoding: pem, as: UTF8.self)
        for label in labels {
            guard let begin = text.firstRange(of: "-----BEGIN \(label)-----"),
                let end = text[begin.upperBound...].firstRange(of: "-----END \(label)-----")
            else { continue }
            return isSequence(decode(text[begin.upperBound..<end.lowerBound]))
        }
        return false
    }

    /// Only lines of base64: OpenSSL takes an empty line for the end of a header, and accepts no indented ones.
    private static func decode(_ text: Substring) -> [UInt8]? {
        let newline = UInt8(ascii: "\n")
        let lines = text.utf8.filter { $0 != UInt8(ascii: "\r") }
            .split(separator: newline, omittingEmptySubsequences: false)
        guard lines.count > 2, lines[0].isEmpty, lines[lines.count - 1].isEmpty,
            lines[1..<(lines.count - 1)].allSatisfy({ !$0.isEmpty })
        else { return nil }
        let letters = lines.joined().filter { $0 != UInt8(ascii: "=") }.map { letter in
            switch letter {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: letter
            }
        }
        return Base64URL.decode(Substring(decoding: letters, as: UTF8.self).utf8)
    }

    /// X.690 8.1: tag, length, and exactly so many bytes.
    private static func isSequence(_ der: [UInt8]?) -> Bool {
        guard let der, der.count > 2, der[0] == 0x30 else { return false }
        guard der[1] >= 0x80 else { return der.count == 2 + Int(der[1]) }
        let digits = Int(der[1] & 0x7F)
        guard (1...3).contains(digits), der.count > 2 + digits else { return false }
        let length = der[2..<(2 + digits)].reduce(0) { $0 << 8 | Int($1) }
        return der.count == 2 + digits + length
    }
}
