package import TLS
package import Telemetry

/// The files of the clients' certificate: an operator makes the node read them again, and the log has the result.
package struct CertificateFiles: Sendable {
    private let certificate: ServerCertificate
    private let log: Log

    /// Nil where there is no certificate. Logs a certificate that has already expired.
    package init?(_ certificate: ServerCertificate?, _ log: Log) {
        guard let certificate else { return nil }
        self.certificate = certificate
        self.log = log
        if certificate.expiry <= Self.now { log.warning("the certificate has expired", fields) }
    }

    /// Reads the files; the old certificate stays where that fails.
    package func readAnew() {
        do throws(TLSError) {
            try certificate.read(now: Self.now)
            log.info("read the new certificate", fields)
        } catch {
            log.error(
                "the new certificate cannot be used; the node keeps the old one", ["reason": .text(error.message)])
        }
    }

    private var fields: Log.Fields {
        ["seconds_left": .number(certificate.expiry - Self.now)]
    }

    private static var now: Int { Int(WallClock.now / 1000) }
}
