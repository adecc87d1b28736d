import Events
import Settings

/// The inquiries of one loop that are under way, and who waits for each, within bounds.
struct OpenInquiries<Waiter> {
    /// What becomes of one who asks.
    enum Asked: Equatable {
        /// There is no room: it is told what is stored.
        case refused
        /// An inquiry is under way, whose answer it gets.
        case joined
        /// An inquiry begins with this.
        case begun(Inquiry.Action)
    }

    private struct Open {
        var inquiry: Inquiry
        let token: String
        var waiters: [Waiter]
    }

    private let rules: InquiryRules
    private var open: [ChannelName: Open] = [:]
    private var waiting = 0

    init(rules: InquiryRules) { self.rules = rules }

    /// How many are under way.
    var count: Int { open.count }

    /// Somebody asks. `token`: a name for the inquiry where one begins.
    mutating func ask(
        about name: ChannelName, isEager: Bool, token: @autoclosure () -> String, now: UInt64, _ waiter: Waiter
    ) -> Asked {
        let limits = rules.limits
        guard waiting < limits.waiters, open[name] != nil || open.count < limits.perLoop else { return .refused }
        waiting += 1
        guard open[name] == nil else {
            open[name]?.inquiry.join(isEager: isEager)
            open[name]?.waiters.append(waiter)
            return .joined
        }
        let inquiry = Inquiry(isEager: isEager, now: now)
        open[name] = Open(inquiry: inquiry, token: token(), waiters: [waiter])
        return .begun(inquiry.first)
    }

    /// Something has happened to an inquiry; answers what to do, and under which name.
    mutating func receive(
        _ event: Inquiry.Event, of name: ChannelName, token: String, now: UInt64
    ) -> [Inquiry.Action] {
        guard open[name]?.token == token else { return [] }
        return open[name]?.inquiry.receive(event, now: now, rules: rules) ?? []
    }

    /// The name that an inquiry has in Redis.
    func token(of name: ChannelName) -> String? { open[name]?.token }

    /// An inquiry has ended; answers who is to be told.
    mutating func end(_ name: ChannelName) -> [Waiter] {
        let waiters = open.removeValue(forKey: name)?.waiters ?? []
        waiting -= waiters.count
        return waiters
    }
}
