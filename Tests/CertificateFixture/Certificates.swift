import Foundation

/// Certificates of a test's own, made by `openssl` in a temporary folder, which goes with them.
package final class Certificates: Sendable {
    package let folder: String

    /// What is wrong with a server's certificate, or nothing.
    package enum Kind: String, CaseIterable {
        case good, expired
    }

    package init() throws {
        folder = NSTemporaryDirectory() + "fantail-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for authority in ["authority", "stranger"] {
            try openssl(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                "/CN=\(authority)",
                "-days", "2", "-keyout", path(authority + ".key"), "-out", path(authority + ".pem"))
        }
        for kind in Kind.allCases { try sign(kind) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    package func path(_ name: String) -> String { folder + "/" + name }
    package func certificate(_ kind: Kind = .good) -> String { path(kind.rawValue + ".pem") }
    package func key(_ kind: Kind = .good) -> String { path(kind.rawValue + ".key") }

    /// The server's key, which only a passphrase opens.
    package func lockedKey() throws -> String {
        try openssl("pkey", "-in", key(), "-aes256", "-passout", "pass:secret", "-out", path("locked.key"))
        return path("locked.key")
    }

    private func sign(_ kind: Kind) throws {
        let request = path(kind.rawValue + ".csr")
        try openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server", "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key(kind), "-out", request)
        try openssl(
            "x509", "-req", "-in", request, "-CA", path("authority.pem"), "-CAkey", path("authority.key"),
            "-CAcreateserial",
            "-days", kind == .expired ? "-1" : "2", "-copy_extensions", "copy", "-out", certificate(kind))
    }

    private struct Failure: Error { let arguments: [String] }

    private func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(arguments: arguments) }
    }
}
