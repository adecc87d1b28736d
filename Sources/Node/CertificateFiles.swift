import Settings
import TLS
import Telemetry

/// The files of the clients' certificate: read anew when somebody says so, and what came of it is told.
struct CertificateFiles: Sendable {
    private let certificate: ServerCertificate
    private let log: Log

    /// Nil where there is no certificate. One that has expired already is told of.
    init?(_ certificate: ServerCertificate?, _ log: Log) {
        guard let certificate else { return nil }
        self.certificate = certificate
        self.log = log
        if certificate.expiry <= Self.now { log.warning("the certificate has expired", fields) }
    }

    func readAnew() {
        do throws(TLSError) {
            try certificate.read(now: Self.now)
            log.info("read the certificate anew", fields)
        } catch {
            log.error("the certificate cannot be read anew, the old one stays", ["reason": .text(error.message)])
        }
    }

    private var fields: Log.Fields {
        ["seconds_left": .number(certificate.expiry - Self.now)]
    }

    private static var now: Int { Int(WallClock.now / 1000) }
}
