import Base

/// Valid JSON for a terminal.
public enum PrintableJSON {
    /// The same JSON, on one line, with an escape for each character that would control a terminal or mislead its
    /// reader. Only strings can hold such characters, and there the escape means the same.
    public static func bytes(_ json: some Collection<UInt8>) -> [UInt8] {
        // JSON has ends of lines and tabs only between its values, never inside them.
        guard json.contains(where: PrintableText.mayBeginHostile) else { return Array(json) }
        var result: [UInt8] = []
        result.reserveCapacity(json.count + 16)
        for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n", "\r", "\t": result.append(0x20)
            case _ where PrintableText.isHostile(scalar):
                for unit in UTF16.encode(scalar)! { appendEscape(unit, to: &result) }
            default: result.append(contentsOf: UTF8.encode(scalar)!)
            }
        }
        return result
    }

    private static func appendEscape(_ unit: UInt16, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
        for shift in [12, 8, 4, 0] { bytes.append(UInt8(truncatingIfNeeded: unit >> shift & 0xF).hexadecimalDigit) }
    }
}
