import Base
import Redis

/// What `fantail check` says of the certificates between a node and Redis.
struct CertificateAdvice {
    /// Soon enough to renew a certificate at leisure.
    static let daysAhead = 14
    private static let secondsPerDay = 86_400

    /// Seconds since 1970.
    let now: Int

    /// A line for each certificate that has expired or soon will. `own` is the expiry of the node's, where it has one.
    func advice(_ masters: [MasterCondition], own: Int?) -> [String] {
        let servers = masters.compactMap { master in
            master.security.flatMap { advice("the certificate of \(master.address)", expiry: $0.expiry) }
        }
        return servers + [own.flatMap { advice("the certificate of --redis-cert", expiry: $0) }].compactMap(\.self)
    }

    func advice(_ name: String, expiry: Int) -> String? {
        guard expiry - now < Self.daysAhead * Self.secondsPerDay else { return nil }
        let date = Self.date(expiry)
        guard expiry > now else { return "\(name) expired on \(date)" }
        return "\(name) expires on \(date), in \((expiry - now) / Self.secondsPerDay) days; renew it"
    }

    /// The day in UTC, as `2026-01-31`.
    static func date(_ seconds: Int) -> String {
        let day = CivilTime(daysSinceEpoch: Int((Double(seconds) / Double(secondsPerDay)).rounded(.down)))
        let padded = [day.month, day.day].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(day.year)-\(padded[0])-\(padded[1])"
    }
}

extension TLSTerms {
    /// The terms in words.
    var words: String { "\(version), its certificate expires on \(CertificateAdvice.date(expiry))" }
}
