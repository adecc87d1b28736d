/// Bytes as `%XX` (RFC 3986 2.1).
public enum PercentCoding {
    /// Encodes all but unreserved characters (RFC 3986 2.3): for a segment of a path, a value of a query.
    public static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), upperCaseDigit(byte >> 4), upperCaseDigit(byte)]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Decodes `encoded` once; nil where a `%` is not followed by two hexadecimal digits. `plusIsSpace`: as in the
    /// query of a form.
    public static func decode(_ encoded: some Sequence<UInt8>, plusIsSpace: Bool = false) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.underestimatedCount)
        var rest = encoded.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next()?.hexadecimalValue, let low = rest.next()?.hexadecimalValue else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    /// The same for text from anybody: invalid percent-encoding stays unchanged.
    public static func decodeLeniently(_ encoded: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = encoded[...]
        while let byte = rest.popFirst() {
            let digits = byte == UInt8(ascii: "%") ? rest.prefix(2).compactMap(\.hexadecimalValue) : []
            if digits.count == 2 {
                bytes.append(digits[0] << 4 | digits[1])
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    /// Whether a byte never needs encoding (RFC 3986 2.3).
    public static func isUnreserved(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || "-._~".utf8.contains(byte)
    }

    private static func upperCaseDigit(_ byte: UInt8) -> UInt8 {
        let digit = byte.hexadecimalDigit
        return digit.isLetter ? digit & ~0x20 : digit
    }
}
