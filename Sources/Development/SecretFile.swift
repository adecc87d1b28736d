import Glibc

/// The file with the secret of an earlier development node: tokens made then are still accepted.
package struct SecretFile {
    package let path: String

    /// A secret is 40 to 52 bytes; shorter or much longer text is none.
    private static let secretBytes = 32...256

    /// In the user's state folder (XDG Base Directory Specification); nil for a user without one.
    package init?(environment: [String: String]) {
        if let folder = environment["XDG_STATE_HOME"], folder.hasPrefix("/") {
            path = folder + "/fantail/development-secret"
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            path = home + "/.local/state/fantail/development-secret"
        } else {
            return nil
        }
    }

    /// This process' environment variables for folders.
    package static var environment: [String: String] {
        var result: [String: String] = [:]
        for name in ["XDG_STATE_HOME", "HOME"] {
            if let value = getenv(name) { result[name] = String(cString: value) }
        }
        return result
    }

    /// The stored secret; nil where there is none, or others could have read or written it.
    package func read() -> String? {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0,
            status.st_uid == geteuid()
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Self.secretBytes.upperBound + 1)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count > 0, Self.secretBytes.contains(count) else { return nil }
        let text = bytes.prefix(count)
        return text.allSatisfy { (0x21...0x7E).contains($0) } ? String(decoding: text, as: UTF8.self) : nil
    }

    /// Stores it, for this user alone; returns whether it could. Concurrent readers see the old or the new text, whole.
    package func write(_ secret: String) -> Bool {
        makeFolders()
        let written = path + ".\(getpid())"
        let file = open(written, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        let bytes = Array(secret.utf8)
        let count = Glibc.write(file, bytes, bytes.count)
        close(file)
        if count == bytes.count, rename(written, path) == 0 { return true }
        unlink(written)
        return false
    }

    private func makeFolders() {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            mkdir(folder, 0o700)
        }
    }
}
