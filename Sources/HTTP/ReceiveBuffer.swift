/// Bytes that a connection has received and not read. An empty buffer holds no memory.
///
/// Reading moves an index; bytes that were read are cut off only when more arrive, so many small parts in one read move
/// no bytes.
package struct ReceiveBuffer: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    package init() {}

    package var count: Int { bytes.count - start }
    package var isEmpty: Bool { count == 0 }
    package var holdsMemory: Bool { bytes.capacity > 0 }

    package mutating func append(_ more: UnsafeRawBufferPointer) {
        if start > 0 {
            bytes.removeSubrange(..<start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// Marks the first `count` bytes as read. `keepsRoom`: the rest of a message follows, and its reads can use the
    /// same memory.
    package mutating func consume(_ count: Int, keepsRoom: Bool = false) {
        precondition(count >= 0 && count <= self.count, "ReceiveBuffer: consumed \(count) of \(self.count) bytes")
        start += count
        guard start == bytes.count else { return }
        start = 0
        if keepsRoom { bytes.removeAll(keepingCapacity: true) } else { bytes = [] }
    }

    /// Reads the first `count` bytes.
    package mutating func take(_ count: Int) -> [UInt8] {
        if start == 0 && count == bytes.count {
            defer { bytes = [] }
            return bytes
        }
        let taken = Array(bytes[start..<start + count])
        consume(count)
        return taken
    }

    /// Reads all bytes.
    package mutating func takeAll() -> [UInt8] { take(count) }

    /// Drops all bytes.
    package mutating func removeAll() { self = ReceiveBuffer() }

    /// The unread bytes, for the duration of `body`.
    package func withUnsafeBytes<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer { (all: UnsafeBufferPointer<UInt8>) throws(Failure) -> Result in
            try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[start...])))
        }
    }
}

extension ReceiveBuffer {
    /// Where the head ends that starts with the unread bytes.
    func scan(_ scanner: inout HeadScanner) throws(HTTPError) -> Int? {
        try withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(HTTPError) -> Int? in try scanner.end(in: bytes) }
    }
}
