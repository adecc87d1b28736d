import Glibc
import Node
import Threads
import Terminal

/// Hands signals that are sent to us on to the command.
///
/// A terminal sends SIGINT, SIGQUIT and SIGHUP to all its foreground processes, the command among them: those are not sent
/// a second time, which some programs take for impatience. `si_code` tells: SI_KERNEL from the terminal, else from a
/// process.
struct SignalForwarding {
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2]
    private static let fromKernel: Int32 = 0x80

    private let command = Locked<RunningCommand?>(nil)
    /// Signalled when there is a command.
    private let hasBegun = ManagedSemaphore()

    /// Makes ready to hand them on; until there is a command, they wait.
    init() throws(CommandStartFailure) {
        let thread = BackgroundThread.start({ [command, hasBegun] in
            hasBegun.wait()
            if let command = command.withLock({ $0 }) { Self.handOn(to: command) }
        })
        guard thread != nil else { throw .noRoom("no thread") }
    }

    /// Holds these signals back from now on, in this thread and all that it starts. Answers the mask that was before.
    static func block() -> sigset_t {
        var wanted = set
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &wanted, &before)
        return before
    }

    /// Begins to hand them on. Once the command has ended, a signal ends us too.
    func begin(to command: RunningCommand) {
        self.command.withLock { $0 = command }
        hasBegun.signal()
    }

    private static func handOn(to command: RunningCommand) {
        var wanted = set
        while true {
            var info = siginfo_t()
            let signal = sigwaitinfo(&wanted, &info)
            guard signal > 0 else { continue }
            if info.si_code == fromKernel, command.send(0) { continue }
            if !command.send(signal) { _exit(128 + signal) }
        }
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }
}
