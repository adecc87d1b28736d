import Glibc

/// A descriptor to which as much is written as it takes now, without making it non-blocking: that would hold for whoever
/// else has it, a shell or the programs beside this one.
struct UnblockedOutput: Sendable {
    private enum Kind {
        /// A file never blocks.
        case file
        case socket
        /// A pipe or a terminal, opened once more for this alone.
        case reopened(Int32)
        /// Nothing can be written without the risk of waiting.
        case none
    }

    private let descriptor: Int32
    private let kind: Kind

    /// An output to `descriptor`, which stays open and whose it is.
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
            // proc(5): opening the link opens what it leads to anew, with flags of its own.
            let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
            let reopened = open("/proc/self/fd/\(descriptor)", flags)
            return reopened < 0 ? .none : .reopened(reopened)
        default: return .none
        }
    }

    /// Answers how many of the bytes were taken: fewer than all where the rest would have to wait. What nobody can ever read
    /// (the reader is gone, the disk is full) counts as taken.
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
