import Glibc

/// A pseudo terminal for one of a command's streams: the command finds a terminal where it writes, and its bytes
/// arrive here as it has written them.
///
/// It is nobody's controlling terminal: the command stays in our session and process group, so that Ctrl-C, Ctrl-Z and
/// what is typed reach it as without us. When the command has closed its end, a read here fails with EIO.
enum CommandTerminal {
    /// The end to read, and the command's end.
    static func open() throws(CommandStartFailure) -> (Int32, Int32) {
        var size = sizeOfOurs
        var (control, end): (Int32, Int32) = (-1, -1)
        guard openpty(&control, &end, nil, nil, &size) == 0 else { throw .noRoom("no terminal") }
        // While there is one thread: no other could start a process in between.
        for descriptor in [control, end] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        passUnchanged(end)
        return (control, end)
    }

    /// Without this the terminal would write a carriage return before each line feed, and so would ours.
    private static func passUnchanged(_ end: Int32) {
        var settings = termios()
        guard tcgetattr(end, &settings) == 0 else { return }
        settings.c_oflag &= ~tcflag_t(OPOST)
        settings.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(end, TCSANOW, &settings)
    }

    /// Gives a terminal the size of ours.
    static func resize(_ control: Int32) {
        var size = sizeOfOurs
        _ = ioctl(control, UInt(TIOCSWINSZ), &size)
    }

    /// That of the first standard stream that is a terminal, else the usual one.
    private static var sizeOfOurs: winsize {
        for stream in [STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO] {
            var size = winsize()
            if ioctl(stream, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 {
                return size
            }
        }
        return winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    }
}
