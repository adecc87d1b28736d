/// One offer of permessage-deflate in `Sec-WebSocket-Extensions` (RFC 7692 7.1).
struct DeflateOffer: Equatable {
    /// The window that the client asks us to compress with, in bits; nil where it leaves that to us.
    private(set) var serverMaxWindowBits: Int?

    static let extensionName = "permessage-deflate"

    /// Reads one element of the field; nil when it is another extension, or has a parameter that is unknown, doubled or
    /// out of range: such an offer is declined (RFC 7692 7.1).
    init?(_ element: String) {
        let parts = element.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
        guard parts.first?.lowercased() == Self.extensionName else { return nil }
        var seen: Set<String> = []
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map(Self.trimmed)
            guard let name = pair.first?.lowercased(), seen.insert(name).inserted else { return nil }
            guard accept(name, pair.count > 1 ? Self.unquoted(pair[1]) : nil) else { return nil }
        }
    }

    private mutating func accept(_ name: String, _ value: String?) -> Bool {
        switch name {
        case "server_no_context_takeover", "client_no_context_takeover": return value == nil
        case "client_max_window_bits": return value == nil || Self.windowBits(value) != nil
        case "server_max_window_bits":
            serverMaxWindowBits = Self.windowBits(value)
            return serverMaxWindowBits != nil
        default: return false
        }
    }

    /// The answer to this offer; nil where it asks for a window smaller than ours (RULES 5).
    var answer: String? {
        let answer = "\(Self.extensionName); server_no_context_takeover; client_no_context_takeover"
        guard let bits = serverMaxWindowBits else { return answer }
        return bits == 15 ? answer + "; server_max_window_bits=15" : nil
    }

    private static func windowBits(_ value: String?) -> Int? {
        guard let value, !value.hasPrefix("0"), !value.hasPrefix("+"), let bits = Int(value) else { return nil }
        return (8...15).contains(bits) ? bits : nil
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    private static func unquoted(_ text: String) -> String {
        text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
    }
}
