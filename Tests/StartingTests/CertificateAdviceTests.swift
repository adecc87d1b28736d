import Redis
import Testing

@testable import Starting

@Suite("Certificates, as `fantail check` sees them")
struct CertificateAdviceTests {
    static let now = 1_767_225_600  // 2026-01-01
    static let day = 86_400

    @Test(
        "one that has expired or soon will is named with the day, no other",
        arguments: [
            (0, "x expired on 2026-01-01"), (-1, "x expired on 2025-12-31"), (-now, "x expired on 1970-01-01"),
            (1, "x expires on 2026-01-01, in 0 days; renew it"), (day, "x expires on 2026-01-02, in 1 days; renew it"),
            (14 * day - 1, "x expires on 2026-01-14, in 13 days; renew it"), (14 * day, nil), (10_000 * day, nil),
        ])
    func named(left: Int, said: String?) {
        #expect(CertificateAdvice(now: Self.now).advice("x", expiry: Self.now + left) == said)
    }

    @Test("each master's is looked at, and the node's own where it has one")
    func each() {
        let expired = TLSTerms(version: "TLSv1.2", expiry: Self.now - 1)
        let good = TLSTerms(version: "TLSv1.3", expiry: Self.now + 100 * Self.day)
        let masters = [
            MasterCondition(address: "a:1", security: expired), MasterCondition(address: "b:1", security: good),
            MasterCondition(address: "c:1"),
        ]
        let advice = CertificateAdvice(now: Self.now)
        #expect(advice.advice(masters, own: nil) == ["the certificate of a:1 expired on 2025-12-31"])
        #expect(
            advice.advice(masters, own: Self.now)
                == [
                    "the certificate of a:1 expired on 2025-12-31",
                    "the certificate of --redis-cert expired on 2026-01-01",
                ])
        #expect(good.words == "TLSv1.3, its certificate expires on 2026-04-11")
    }
}
