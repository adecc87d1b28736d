internal import CLibuv
internal import Glibc

/// The number of descriptors, and so of connections, that the process may have.
public struct OpenFileLimit: Equatable, Sendable {
    /// The limit before.
    public var before: Int
    /// The limit now.
    public var now: Int

    /// Raises the soft limit to the hard one, which needs no privilege.
    public static func raise() throws(SystemError) -> OpenFileLimit {
        var limit = rlimit()
        guard fantail_open_file_limit(&limit) == 0 else { throw SystemError(.limit, code: errno) }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        guard fantail_set_open_file_limit(&limit) == 0 else { throw SystemError(.limit, code: errno) }
        // RLIM_INFINITY is the largest UInt64.
        return OpenFileLimit(before: Int(clamping: before), now: Int(clamping: limit.rlim_cur))
    }
}
