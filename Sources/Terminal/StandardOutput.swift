import Base
import Glibc
package import Progress

/// The standard output stream, without C's buffer.
package enum StandardOutput {
    /// Writes all of `bytes`; false where there is no reader any more. Where they cannot be written, as on a full disk,
    /// the command ends with 1: a later reader must not take the output for complete.
    @discardableResult
    package static func write(_ bytes: [UInt8]) -> Bool {
        if bytes.withUnsafeBytes({ FileDescriptor.writeAll(STDOUT_FILENO, $0) }) { return true }
        let code = errno
        guard code != EPIPE else { return false }
        StandardError.line("standard output cannot be written: \(String(cString: strerror(code)))")
        exit(1)
    }

    /// Writes a line, which may hold text from outside.
    package static func line(_ text: some CustomStringConvertible = "") {
        write(Array((PrintableText.line(text.description) + "\n").utf8))
    }

    /// Writes a line of several texts from outside, with tabs between them.
    package static func columns(_ texts: [String]) {
        write(Array((texts.map(PrintableText.line).joined(separator: "\t") + "\n").utf8))
    }

    /// Writes text of the command's own: lines, or a drawing with the terminal's sequences.
    package static func page(_ text: String) { write(Array(text.utf8)) }

    /// Whether it is a terminal that can be drawn on.
    package static func isDrawable(_ environment: [String: String]) -> Bool {
        isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
    }

    /// The terminal's capabilities, and its rows.
    package static func style(_ environment: [String: String]) -> (style: Board.Style, rows: Int) {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 0
        let (columns, rows) = isKnown ? (Int(size.ws_col), Int(size.ws_row)) : (80, 24)
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let style = Board.Style(
            columns: columns,
            isUnicode: ["utf-8", "utf8"].contains { locale.lowercased().contains($0) },
            isColoured: environment["NO_COLOR"]?.isEmpty ?? true)
        return (style, rows)
    }
}

/// Operations on a file descriptor.
package enum FileDescriptor {
    /// Writes all of it, waiting for a slow reader; false where there is no reader any more.
    package static func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            } else if errno == EAGAIN {
                // Another process has made the shared descriptor non-blocking.
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wanted, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
