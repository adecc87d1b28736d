import CertificateFixture
import Foundation
import Testing

@testable import TLS

@Suite("A server's certificate")
struct ServerCertificateTests {
    let certificates: Certificates
    /// Not before the certificates were issued: making them takes a while.
    private let now: Int

    init() throws {
        certificates = try Certificates()
        now = Int(Date().timeIntervalSince1970)
    }

    private func put(_ kind: Certificates.Kind) throws {
        for (from, to) in [(certificates.certificate(kind), "c.pem"), (certificates.key(kind), "k.pem")] {
            try Data(contentsOf: URL(fileURLWithPath: from)).write(to: URL(fileURLWithPath: certificates.path(to)))
        }
    }

    private func certificate() throws -> ServerCertificate {
        try ServerCertificate(certificate: certificates.path("c.pem"), key: certificates.path("k.pem"))
    }

    @Test("says when it expires")
    func expiry() throws {
        try put(.good)
        let left = try certificate().expiry - now
        #expect(left > 86_400 && left <= 2 * 86_400)
        try put(.expired)
        #expect(try certificate().expiry < now)
    }

    @Test("stays what it was where its files cannot be used, or hold one that has expired")
    func stays() throws {
        try put(.good)
        let certificate = try certificate()
        let expiry = certificate.expiry
        try put(.expired)
        #expect(throws: TLSError.self) { try certificate.read(now: now) }
        try Data().write(to: URL(fileURLWithPath: certificates.path("c.pem")))
        #expect(throws: TLSError.self) { try certificate.read(now: now) }
        #expect(certificate.expiry == expiry)
        // What has expired by one clock has not by another.
        try put(.expired)
        try certificate.read(now: 0)
        #expect(certificate.expiry < now)
    }
}
