import Glibc

/// A certificate of the benchmark's own for localhost, made by `openssl`: P-256, as most are today.
final class Certificate {
    private let folder: String
    var path: String { folder + "/certificate.pem" }
    var key: String { folder + "/key.pem" }

    init() {
        var template = Array("/tmp/fantail-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { FantailBench.fail("no folder for a certificate") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        Child([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", path,
        ]).wait()
    }

    deinit {
        unlink(path)
        unlink(key)
        rmdir(folder)
    }
}
