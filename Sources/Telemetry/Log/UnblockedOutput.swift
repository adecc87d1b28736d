import Glibc

/// A descriptor that takes only bytes that it can take now, without being made non-blocking: that would affect every
/// program that shares it, such as a shell.
struct UnblockedOutput: Sendable {
    private enum Kind {
        /// A file never blocks.
        case file
        case socket
        /// A pipe or a terminal, reopened for this output alone.
        case reopened(Int32)
        /// Every write might block.
        case none
    }

    private let descriptor: Int32
    private let kind: Kind

    /// An output to `descriptor`, which stays open and belongs to the caller.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        kind = Self.kind(of: descriptor)
    }

    private static func kind(of descriptor: Int32) -> Kind {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .none }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFSOCK: return .socket
        case S_IFIFO, S_IFCHR:
            // proc(5): opening the link reopens its target, with flags of its own.
            let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
            let reopened = open("/proc/self/fd/\(descriptor)", flags)
            return reopened < 0 ? .none : .reopened(reopened)
        default: return .none
        }
    }

    /// Returns how many bytes were taken: fewer than all where the rest would block. Bytes that nobody can ever read
    /// (the reader is gone, the disk is full) count as taken.
    func write(_ bytes: [UInt8]) -> Int {
        while true {
            let count = bytes.withUnsafeBytes(writeOnce)
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN: return 0
            default: return bytes.count
            }
        }
    }

    private func writeOnce(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch kind {
        case .file: return Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        case .socket:
            return send(
                descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        case .reopened(let own): return Glibc.write(own, bytes.baseAddress, bytes.count)
        case .none: return 0
        }
    }
}
