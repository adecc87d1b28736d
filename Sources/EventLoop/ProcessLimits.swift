internal import Glibc

/// What a node sets for its whole process before it starts.
public enum ProcessLimits {
    /// Raises the soft limit of open files to the hard one (getrlimit(2)): each connection is a descriptor.
    ///
    /// - Returns: the limit now in force.
    public static func raiseOpenFiles() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// A write to a closed socket is an error, not the end of the process (signal(7), SIGPIPE).
    public static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}
