import Base
import Glibc

/// The standard error stream, without C's buffered `stderr`.
package enum StandardError {
    /// Writes a line of the command's, which may hold text from outside.
    package static func line(_ text: String) {
        let bytes = Array("fantail: \(PrintableText.line(text))\n".utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
