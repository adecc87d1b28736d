import Glibc

/// How a command has ended.
enum CommandEnd: Equatable, Sendable {
    /// By itself, with this exit code.
    case exited(Int32)
    /// Killed by this signal.
    case killed(Int32)

    /// The exit code as a shell has it: 128 plus its number for a signal.
    var exitCode: Int32 {
        switch self {
        case .exited(let code): code
        case .killed(let signal): 128 + signal
        }
    }

    /// From the status of waitpid(2).
    init(status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal)
    }

    /// The status of waitpid(2).
    var status: Int32 {
        switch self {
        case .exited(let code): (code & 0xFF) << 8
        case .killed(let signal): signal & 0x7F
        }
    }

    /// The end in words.
    var words: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .killed(let signal): "killed by signal \(signal) (\(Self.name(of: signal)))"
        }
    }

    private static func name(of signal: Int32) -> String {
        strsignal(signal).map { String(cString: $0) } ?? "unknown"
    }
}
