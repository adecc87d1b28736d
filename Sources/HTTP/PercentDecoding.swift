import Base

/// Decodes percent-encoded bytes once. Nil when an escape is malformed, or when the result is not UTF-8 or contains a
/// control character, which no name or id here has.
func percentDecoded(_ encoded: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> String? {
    guard let bytes = PercentCoding.decode(encoded, plusIsSpace: plusIsSpace),
        bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
    else { return nil }
    return String(validating: bytes, as: UTF8.self)
}
