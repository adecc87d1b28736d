/// Waiting viewers in order of arrival, indexed by viewer and by channel.
///
/// When a viewer leaves, the cost depends only on the waits of that viewer.
public struct WaitingList<Who: Hashable, What: Hashable, Wish> {
    private struct Entry {
        let who: Who
        let what: What
        let wish: Wish
    }

    // By ticket: tickets increase, so they give the order of arrival.
    private var entries: [UInt64: Entry] = [:]
    private var byWho: [Who: Set<UInt64>] = [:]
    private var byWhat: [What: Set<UInt64>] = [:]
    private var lastTicket: UInt64 = 0

    /// Nobody waits.
    public init() {}

    /// How many waits there are.
    public var count: Int { entries.count }

    /// Adds a wait behind all others; returns the ticket that removes it.
    @discardableResult
    public mutating func add(_ wish: Wish, of who: Who, for what: What) -> UInt64 {
        lastTicket += 1
        entries[lastTicket] = Entry(who: who, what: what, wish: wish)
        byWho[who, default: []].insert(lastTicket)
        byWhat[what, default: []].insert(lastTicket)
        return lastTicket
    }

    /// Removes the wait with that ticket; false where it is gone.
    public mutating func remove(_ ticket: UInt64) -> Bool { take(ticket) != nil }

    /// Whether nobody waits for `what`.
    public func isEmpty(for what: What) -> Bool { byWhat[what] == nil }

    /// What all who wait for `what` want of it, in order.
    public func waits(for what: What) -> [Wish] { ordered(byWhat[what]).compactMap { entries[$0]?.wish } }

    /// What `who` waits for, in order.
    public func waits(of who: Who) -> [(what: What, wish: Wish)] {
        ordered(byWho[who]).compactMap { entries[$0] }.map { ($0.what, $0.wish) }
    }

    /// Removes all waits of `who`; returns what they were for, in order.
    public mutating func removeAll(of who: Who) -> [(what: What, wish: Wish)] {
        ordered(byWho[who]).compactMap { take($0) }.map { ($0.what, $0.wish) }
    }

    /// Removes the waits of `who` for `what` for which `isMeant` is true; returns them in order.
    public mutating func removeAll(of who: Who, for what: What, where isMeant: (Wish) -> Bool) -> [Wish] {
        removeAll(ordered(byWho[who])) { $0.what == what && isMeant($0.wish) }
    }

    /// Removes the waits for `what` for which `isMeant` is true; returns them in order.
    public mutating func removeAll(for what: What, where isMeant: (Wish) -> Bool) -> [Wish] {
        removeAll(ordered(byWhat[what])) { isMeant($0.wish) }
    }

    private mutating func removeAll(_ tickets: [UInt64], where isMeant: (Entry) -> Bool) -> [Wish] {
        tickets.filter { entries[$0].map(isMeant) ?? false }.compactMap { take($0)?.wish }
    }

    private func ordered(_ tickets: Set<UInt64>?) -> [UInt64] { tickets?.sorted() ?? [] }

    private mutating func take(_ ticket: UInt64) -> Entry? {
        guard let entry = entries.removeValue(forKey: ticket) else { return nil }
        Self.remove(ticket, from: &byWho, at: entry.who)
        Self.remove(ticket, from: &byWhat, at: entry.what)
        return entry
    }

    private static func remove<Key>(_ ticket: UInt64, from index: inout [Key: Set<UInt64>], at key: Key) {
        index[key]?.remove(ticket)
        if index[key]?.isEmpty == true { index[key] = nil }
    }
}
