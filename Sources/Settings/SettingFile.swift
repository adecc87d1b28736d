import Glibc

/// A file that holds only a secret or a key.
package enum SettingFile {
    /// Secrets and keys have some hundred bytes; a larger file is not one.
    private static let maxBytes = 64 * 1024

    /// The text of the file, without the line ends behind it: editors and `echo` add them, and no secret ends with one.
    static func read(_ path: String) throws(SettingError) -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self), !text.utf8.contains(0) else {
            throw SettingError("\(path) is not a text file; openssl rand -base64 32 makes a secret that is text")
        }
        let secret = SettingValue.secret(text)
        guard !secret.isEmpty else { throw SettingError("\(path) is empty; expected a secret") }
        return secret
    }

    /// All bytes of the file.
    package static func bytes(_ path: String) throws(SettingError) -> [UInt8] {
        guard let file = fopen(path, "re") else { throw unreadable(path, errno) }
        defer { fclose(file) }
        var fault: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: maxBytes + 1) { buffer, count in
            count = fread(buffer.baseAddress, 1, maxBytes + 1, file)
            if ferror(file) != 0 { fault = errno }
        }
        guard fault == 0 else { throw unreadable(path, fault) }
        guard bytes.count <= maxBytes else {
            throw SettingError(
                "\(path) has more than \(maxBytes) bytes; expected a file with nothing but a secret or a key")
        }
        return bytes
    }

    private static func unreadable(_ path: String, _ fault: Int32) -> SettingError {
        SettingError("cannot read \(path): \(String(cString: strerror(fault)))")
    }
}
