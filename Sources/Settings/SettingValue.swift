import Access
import Store

/// How the values of settings are written.
public enum SettingValue {
    /// A whole number.
    public static func integer(_ text: String, in range: ClosedRange<Int>) throws(SettingError) -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw SettingError("expected a whole number from \(range.lowerBound) to \(range.upperBound), got '\(text)'")
        }
        return value
    }

    /// The number of a TCP port.
    static func port(_ text: String, in range: ClosedRange<Int>) throws(SettingError) -> Int {
        if text.hasPrefix("tcp://") || text.hasPrefix("udp://") {
            throw SettingError(
                "expected a port, got '\(text)', the address of a Service named like this program: Kubernetes gives every pod "
                    + "such variables, until its spec says enableServiceLinks: false")
        }
        return try integer(text, in: range)
    }

    /// A secret without the line ends behind it, which `kubectl create secret --from-file` keeps.
    static func secret(_ text: String) -> String {
        guard let end = text.utf8.lastIndex(where: { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }) else {
            return ""
        }
        return String(Substring(text.utf8[...end]))
    }

    static func bool(_ text: String) throws(SettingError) -> Bool {
        switch text.lowercased() {
        case "1", "true", "yes", "on": return true
        case "0", "false", "no", "off", "": return false
        default: throw SettingError("expected true or false, got '\(text)'")
        }
    }

    /// `500ms`, `30s`, `5m`, `12h`, `7d`; seconds without a unit.
    public static func milliseconds(_ text: String, in range: ClosedRange<Int>) throws(SettingError) -> Int {
        let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
        let unit = units.first { text.hasSuffix($0.0) && Int(text.dropLast($0.0.count)) != nil }
        let digits = unit.map { String(text.dropLast($0.0.count)) } ?? text
        guard let number = Int(digits), number >= 0,
            case (let value, false) = number.multipliedReportingOverflow(by: unit?.1 ?? 1000), range.contains(value)
        else {
            throw SettingError("expected a time like 500ms, 30s, 5m, 12h or 7d, got '\(text)'")
        }
        return value
    }

    /// `4096`, `256k`, `1m`.
    static func bytes(_ text: String, in range: ClosedRange<Int>) throws(SettingError) -> Int {
        let units: [Character: Int] = ["k": 1024, "m": 1 << 20]
        let factor = text.last.flatMap { units[Character($0.lowercased())] }
        guard let number = Int(factor == nil ? text : String(text.dropLast())), number >= 0,
            case (let value, false) = number.multipliedReportingOverflow(by: factor ?? 1), range.contains(value)
        else {
            throw SettingError(
                "expected a size from \(range.lowerBound) to \(range.upperBound) like 4096, 256k or 1m, got '\(text)'")
        }
        return value
    }

    /// The path of a file. The user of the setting reads the file.
    package static func file(_ text: String) throws(SettingError) -> String {
        guard !text.isEmpty, !text.utf8.contains(0) else { throw SettingError("expected a file, got '\(text)'") }
        return text
    }

    /// A name that is safe in a log line and in a Redis key.
    static func name(_ text: String) throws(SettingError) -> String {
        guard (1...64).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x7B && $0 != 0x7D })
        else { throw SettingError("expected 1 to 64 printable characters without spaces and braces, got '\(text)'") }
        return text
    }

    /// Blocks of addresses, separated by commas or spaces.
    static func addressRanges(_ text: String) throws(SettingError) -> [AddressRange] {
        var ranges: [AddressRange] = []
        for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            guard let range = AddressRange(part) else {
                throw SettingError("expected addresses like 10.0.0.0/8 or fd00::/8, got '\(part)'")
            }
            ranges.append(range)
        }
        return ranges
    }

    /// Origins, separated by commas or spaces, as browsers write them (RFC 6454 6.1): lower case, no default port.
    static func origins(_ text: String) throws(SettingError) -> [String] {
        var origins: [String] = []
        for word in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            guard let origin = OriginPolicy.origin(String(word)) else {
                throw SettingError(
                    "expected an origin as browsers send it, like https://app.example.com or http://localhost:3000, or *, "
                        + "got '\(word)'")
            }
            origins.append(origin)
        }
        return origins
    }

    static func naming(keyPrefix: String, channelPrefix: String) throws(SettingError) -> Naming {
        guard let naming = Naming(keyPrefix: keyPrefix, channelPrefix: channelPrefix) else {
            throw SettingError("expected at most 32 characters out of A-Z a-z 0-9 . _ - (and : in a channel prefix)")
        }
        return naming
    }

    /// Third parties, separated by commas or spaces.
    static func endpoints(_ text: String) throws(SettingError) -> [UpstreamEndpoint] {
        var endpoints: [UpstreamEndpoint] = []
        for word in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            guard let endpoint = UpstreamEndpoint(String(word)) else {
                // Not repeated in the message: the URL may contain a password.
                throw SettingError("expected http:// or https://, a host, and at most a port and a path")
            }
            endpoints.append(endpoint)
        }
        return endpoints
    }

    /// One of a few words.
    public static func word<Word: RawRepresentable & CaseIterable>(_ text: String) throws(SettingError) -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingError("expected one of \(words), got '\(text)'")
        }
        return word
    }
}
