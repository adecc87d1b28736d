/// A parsed request target (RFC 9112 3.2).
struct RequestTarget {
    /// The host and port of the absolute form.
    var authority: String?
    var path: String
    var segments: [String]
    var query: Query

    init(parsing target: ArraySlice<UInt8>, method: String) throws(HTTPError) {
        // Visible ASCII only. Not every browser encodes all that it should (`{`, `|`, …); none sends a fragment.
        guard target.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw .malformed("the request target contains a character that is not allowed")
        }
        if target.elementsEqual("*".utf8) && method == "OPTIONS" {
            (path, segments, query) = ("*", [], Query())
            return
        }
        let (authority, local) = try Self.splitAuthority(target)
        let mark = local.firstIndex(of: UInt8(ascii: "?"))
        let rawPath = local[..<(mark ?? local.endIndex)]
        self.authority = authority
        path = rawPath.isEmpty ? "/" : String(decoding: rawPath, as: UTF8.self)
        segments = try Self.segments(rawPath)
        query = try mark.map { at throws(HTTPError) in try Query(parsing: local[(at + 1)...]) } ?? Query()
    }

    /// The origin form starts with a slash; the absolute form, which a server must also accept, with a scheme.
    private static func splitAuthority(
        _ target: ArraySlice<UInt8>
    ) throws(HTTPError) -> (String?, ArraySlice<UInt8>) {
        if target.first == UInt8(ascii: "/") { return (nil, target) }
        for scheme in ["http://", "https://"] where target.starts(with: scheme.utf8, by: { lowercased($0) == $1 }) {
            let rest = target.dropFirst(scheme.utf8.count)
            let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
            return (try parseHost(rest[..<end]), rest[end...])
        }
        throw .malformed("the request target is neither a path nor a URL")
    }

    private static func segments(_ path: ArraySlice<UInt8>) throws(HTTPError) -> [String] {
        guard path.count > 1 else { return [] }
        var segments: [String] = []
        for segment in path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let text = percentDecoded(segment) else {
                throw .malformed("the path is not percent-encoded UTF-8")
            }
            segments.append(text)
        }
        return segments
    }
}

/// A host with or without a port, of a target or of the field `Host`: refused where it is ambiguous.
func parseHost(_ host: some Sequence<UInt8>) throws(HTTPError) -> String {
    let text = String(decoding: Array(host), as: UTF8.self)
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !#"/\@?#,"#.utf8.contains($0) }) else {
        throw .malformed("the host is malformed")
    }
    return text
}

extension Query {
    /// `a=1&b=2` as forms and `URLSearchParams` write it: a plus stands for a space.
    init(parsing text: ArraySlice<UInt8>) throws(HTTPError) {
        self.init()
        for item in text.split(separator: UInt8(ascii: "&")) {
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecoded(parts[0], plusIsSpace: true),
                let value = percentDecoded(parts.count > 1 ? parts[1] : [], plusIsSpace: true)
            else { throw .malformed("the query is not percent-encoded UTF-8") }
            items.append(Item(name: name, value: value))
        }
    }
}
