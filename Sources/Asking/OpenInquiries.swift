import Events
import Settings

/// One loop's inquiries that are under way, and the waiters of each, within bounds.
struct OpenInquiries<Waiter> {
    /// The result of a request.
    enum Asked: Equatable {
        /// There is no room: the waiter gets the stored state.
        case refused
        /// An inquiry is under way, and the waiter gets its answer.
        case joined
        /// An inquiry begins with this action.
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

    /// The number of inquiries under way.
    var count: Int { open.count }

    /// Adds a waiter. `token`: a name for the inquiry where one begins.
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

    /// Passes an event to an inquiry; returns what to do, and the inquiry's name.
    mutating func receive(
        _ event: Inquiry.Event, of name: ChannelName, token: String, now: UInt64
    ) -> [Inquiry.Action] {
        guard open[name]?.token == token else { return [] }
        return open[name]?.inquiry.receive(event, now: now, rules: rules) ?? []
    }

    /// The inquiry's name in Redis.
    func token(of name: ChannelName) -> String? { open[name]?.token }

    /// An inquiry has ended; returns its waiters.
    mutating func end(_ name: ChannelName) -> [Waiter] {
        let waiters = open.removeValue(forKey: name)?.waiters ?? []
        waiting -= waiters.count
        return waiters
    }
}
