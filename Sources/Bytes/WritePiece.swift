/// One piece of a vectored write: laid out as `struct iovec` (POSIX, sys/uio.h), so that a list of them goes to the kernel
/// as it is.
@frozen
public struct WritePiece {
    /// The first byte; must stay valid until the write has been made.
    public let base: UnsafeMutableRawPointer
    /// The number of bytes.
    public let count: Int

    /// A piece of `bytes`, all of it.
    @inlinable
    public init(_ bytes: SharedBytes) {
        base = bytes.baseAddress
        count = bytes.count
    }
}
