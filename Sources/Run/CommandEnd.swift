import Glibc

/// How a command has ended.
enum CommandEnd: Equatable, Sendable {
    /// By itself, with this code.
    case exited(Int32)
    /// Killed by this signal.
    case killed(Int32)

    /// What a shell makes of it: a signal is 128 and its number.
    var exitCode: Int32 {
        switch self {
        case .exited(let code): code
        case .killed(let signal): 128 + signal
        }
    }

    /// What waitpid(2) told.
    init(status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal)
    }

    /// As waitpid(2) tells it.
    var status: Int32 {
        switch self {
        case .exited(let code): (code & 0xFF) << 8
        case .killed(let signal): signal & 0x7F
        }
    }

    /// In words.
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
