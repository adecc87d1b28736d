import Base

/// Reads a chunked body (RFC 9112 7.1) to its end, trailers included, which are checked and dropped.
struct ChunkedBody: Sendable {
    private enum Place {
        case size
        case data(left: Int)
        case dataEnd
        case trailers(HeadScanner)
    }

    private let limits: HTTPLimits
    private var place = Place.size
    private var body: [UInt8] = []
    private var isWanted = true
    /// Bytes of the body that have been read, kept or not.
    private var count = 0
    private var extensionBytesLeft: Int

    init(limits: HTTPLimits) {
        self.limits = limits
        extensionBytesLeft = limits.maxChunkExtensionBytes
    }

    /// Skips the rest of the body.
    mutating func discard() {
        isWanted = false
        body = []
    }

    /// Bytes of the body that have been read and are kept.
    var keptBytes: Int { body.count }

    /// Reads from `buffer`; returns the body once it is complete.
    mutating func read(from buffer: inout ReceiveBuffer) throws(HTTPError) -> [UInt8]? {
        while true {
            let hasMoved: Bool
            switch place {
            case .size: hasMoved = try readSize(from: &buffer)
            case .data(let left): hasMoved = readData(from: &buffer, left: left)
            case .dataEnd: hasMoved = try readDataEnd(from: &buffer)
            case .trailers(var scanner):
                let isDone = try readTrailers(from: &buffer, &scanner)
                place = .trailers(scanner)
                return isDone ? body : nil
            }
            if !hasMoved { return nil }
        }
    }

    /// `1a2b;extensions` CRLF.
    private mutating func readSize(from buffer: inout ReceiveBuffer) throws(HTTPError) -> Bool {
        guard let line = try sizeLine(in: buffer) else { return false }
        buffer.consume(line.count + 2, keepsRoom: true)
        let digits = line.prefix { $0.hexadecimalValue != nil }
        guard !digits.isEmpty, digits.count <= HTTPLimits.maxChunkSizeDigits else {
            throw .malformed("a chunk's size is malformed")
        }
        try checkExtensions(line[digits.endIndex...])
        let size = digits.reduce(UInt64(0)) { $0 << 4 | UInt64($1.hexadecimalValue ?? 0) }
        guard size <= UInt64(limits.maxBodyBytes - count) else {
            throw .bodyTooLarge(maxBytes: limits.maxBodyBytes)
        }
        place = size == 0 ? .trailers(HeadScanner(maxBytes: limits.maxTrailerBytes)) : .data(left: Int(size))
        return true
    }

    /// The line up to its CRLF, nil until it is complete. Reads no more than the bounds allow.
    private func sizeLine(in buffer: ReceiveBuffer) throws(HTTPError) -> [UInt8]? {
        let maxBytes = HTTPLimits.maxChunkSizeDigits + extensionBytesLeft + 2
        return try buffer.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(HTTPError) -> [UInt8]? in
            let seen = bytes.prefix(maxBytes)
            guard let end = seen.firstIndex(of: UInt8(ascii: "\n")) else {
                if seen.count == maxBytes { throw .malformed("a chunk's size line is too long") }
                return nil
            }
            guard end > 0, bytes[end - 1] == UInt8(ascii: "\r") else {
                throw .malformed("a chunk's size line ends without CR")
            }
            return Array(bytes[..<(end - 1)])
        }
    }

    /// RFC 9112 7.1.1: unknown extensions are ignored. Malformed ones are refused: a proxy might read them differently.
    private mutating func checkExtensions(_ extensions: ArraySlice<UInt8>) throws(HTTPError) {
        guard let first = extensions.first else { return }
        guard first == UInt8(ascii: ";"),
            extensions.allSatisfy({ ($0 >= 0x20 && $0 < 0x7F) || $0 == UInt8(ascii: "\t") }),
            extensions.count <= extensionBytesLeft
        else { throw .malformed("a chunk's extension is malformed or too long") }
        extensionBytesLeft -= extensions.count
    }

    private mutating func readData(from buffer: inout ReceiveBuffer, left: Int) -> Bool {
        let taken = min(left, buffer.count)
        guard taken > 0 else { return false }
        if isWanted {
            buffer.withUnsafeBytes { body.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[..<taken])) }
        }
        count += taken
        buffer.consume(taken, keepsRoom: true)
        place = taken == left ? .dataEnd : .data(left: left - taken)
        return true
    }

    private mutating func readDataEnd(from buffer: inout ReceiveBuffer) throws(HTTPError) -> Bool {
        let count = min(buffer.count, 2)
        guard buffer.withUnsafeBytes({ $0.prefix(2).elementsEqual("\r\n".utf8.prefix(count)) }) else {
            throw .malformed("a chunk is longer than its size")
        }
        guard count == 2 else { return false }
        buffer.consume(2, keepsRoom: true)
        place = .size
        return true
    }

    private func readTrailers(
        from buffer: inout ReceiveBuffer, _ scanner: inout HeadScanner
    ) throws(HTTPError) -> Bool {
        guard let end = try buffer.scan(&scanner) else { return false }
        let lines = linesOfHead(buffer.take(end)[...])
        _ = try Headers(parsing: lines[...], maxHeaders: limits.maxHeaders)
        return true
    }
}
