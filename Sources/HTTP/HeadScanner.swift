/// Finds the empty line that ends a head or a trailer section, as bytes arrive; reads each byte once.
struct HeadScanner: Sendable {
    private let maxBytes: Int
    private var leadingEmptyLinesLeft: Int
    private var scanned = 0
    private var lineStart = 0
    /// Where the first line begins, after allowed empty ones.
    private(set) var start = 0

    /// Where no (more) leading empty lines are allowed, the first empty line is the end: of a section without lines.
    init(maxBytes: Int, maxLeadingEmptyLines: Int = 0) {
        self.maxBytes = maxBytes
        leadingEmptyLinesLeft = maxLeadingEmptyLines
    }

    /// The index after the empty line; nil until it arrives. `bytes` is everything since the start.
    mutating func end(in bytes: UnsafeRawBufferPointer) throws(HTTPError) -> Int? {
        let limit = min(bytes.count, maxBytes)
        while scanned < limit {
            let byte = bytes[scanned]
            if scanned == start { try checkFirst(byte) }
            scanned += 1
            if byte == UInt8(ascii: "\n"), try endsWithEmptyLine(bytes) { return scanned }
        }
        if limit == maxBytes { throw .headTooLarge("the head is larger than \(maxBytes) bytes") }
        return nil
    }

    /// Every first line begins with a token. A TLS hello or other binary data is refused at once, not at a timeout.
    private func checkFirst(_ byte: UInt8) throws(HTTPError) {
        guard isTokenCharacter(byte) || byte == UInt8(ascii: "\r") else { throw .malformed("this is not HTTP") }
    }

    /// Called after a line feed.
    private mutating func endsWithEmptyLine(_ bytes: UnsafeRawBufferPointer) throws(HTTPError) -> Bool {
        // RFC 9112 2.2 lets a recipient accept a bare LF as a line end. Proxies differ in that, which allows request
        // smuggling, so it is refused.
        let contentEnd = scanned - 2
        guard contentEnd >= lineStart, bytes[contentEnd] == UInt8(ascii: "\r") else {
            throw .malformed("a line ends without CR")
        }
        let isEmpty = contentEnd == lineStart
        lineStart = scanned
        guard isEmpty else { return false }
        guard contentEnd == start, leadingEmptyLinesLeft > 0 else { return true }
        leadingEmptyLinesLeft -= 1
        start = scanned
        return false
    }
}

/// The lines of a head whose end a ``HeadScanner`` found, without CRLFs and without the empty line.
func linesOfHead(_ head: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    head.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
        .map { $0.dropLast() }
        .filter { !$0.isEmpty }
}
