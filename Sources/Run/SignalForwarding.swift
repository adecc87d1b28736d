import Glibc
import Node
import Threads
import Terminal

/// Forwards this process' signals to the command.
///
/// A terminal sends SIGINT, SIGQUIT and SIGHUP to all its foreground processes, also the command: those are not sent a
/// second time, which some programs take as an order to quit at once. `si_code` tells them apart: SI_KERNEL from the
/// terminal, else from a process.
struct SignalForwarding {
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH]
    private static let fromKernel: Int32 = 0x80

    private let command = Locked<RunningCommand?>(nil)
    /// Signalled when there is a command.
    private let hasBegun = ManagedSemaphore()

    /// Prepares to forward signals; until there is a command, they wait. `resize` gives the command's own terminals,
    /// where it has some, the size of ours.
    init(resize: (@Sendable () -> Void)?) throws(CommandStartFailure) {
        let thread = BackgroundThread.start({ [command, hasBegun] in
            hasBegun.wait()
            if let command = command.withLock({ $0 }) { Self.handOn(to: command, resize) }
        })
        guard thread != nil else { throw .noRoom("no thread") }
    }

    /// Blocks these signals from now on, in this thread and all that it starts. Returns the mask before.
    static func block() -> sigset_t {
        var wanted = set
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &wanted, &before)
        return before
    }

    /// Starts to forward. Once the command has ended, a signal ends this process, too.
    func begin(to command: RunningCommand) {
        self.command.withLock { $0 = command }
        hasBegun.signal()
    }

    private static func handOn(to command: RunningCommand, _ resize: (@Sendable () -> Void)?) {
        var wanted = set
        while true {
            var info = siginfo_t()
            let signal = sigwaitinfo(&wanted, &info)
            guard signal > 0 else { continue }
            if signal == SIGWINCH {
                // Our terminal has told the command before its own had the new size.
                resize?()
                if resize != nil || info.si_code != fromKernel { _ = command.send(signal) }
                continue
            }
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
