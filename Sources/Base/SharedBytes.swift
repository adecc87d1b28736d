/// Immutable bytes shared by reference: one frame, queued for every viewer that gets it.
///
/// The closure of ``init(capacity:_:)`` writes the bytes once; copying a value costs one retain. The bytes are in the
/// same allocation as their reference count.
@frozen
public struct SharedBytes: @unchecked Sendable {
    // Sendable: `storage` is written before `init` returns and read-only from then on.
    @usableFromInline
    let storage: ManagedBuffer<Int, UInt8>

    /// Allocates room for `capacity` bytes and lets `fill` write them; `fill` returns how many it wrote.
    @inlinable
    public init(capacity: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) {
        storage = ManagedBuffer<Int, UInt8>.create(minimumCapacity: capacity) { _ in 0 }
        storage.withUnsafeMutablePointers { header, elements in
            let written = fill(UnsafeMutableRawBufferPointer(start: elements, count: capacity))
            precondition(written >= 0 && written <= capacity, "SharedBytes: wrote \(written) of \(capacity) bytes")
            header.pointee = written
        }
    }

    /// A copy of `bytes`.
    @inlinable
    public init(_ bytes: [UInt8]) {
        self.init(capacity: bytes.count) { target in
            target.copyBytes(from: bytes)
            return bytes.count
        }
    }

    /// The number of bytes.
    @inlinable
    public var count: Int { storage.header }

    /// The first byte's address, valid while a copy of this value lives. For `iovec`s that outlive a closure.
    @inlinable
    public var baseAddress: UnsafeMutableRawPointer {
        storage.withUnsafeMutablePointerToElements { UnsafeMutableRawPointer($0) }
    }

    /// The bytes, for the duration of `body`.
    @inlinable
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try storage.withUnsafeMutablePointers { header, elements in
            try body(UnsafeRawBufferPointer(start: elements, count: header.pointee))
        }
    }

    /// The bytes as an array, copied.
    public var array: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Whether both are the same allocation, not only equal bytes.
    @inlinable
    public func isIdentical(to other: SharedBytes) -> Bool { storage === other.storage }
}
