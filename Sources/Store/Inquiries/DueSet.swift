/// The times at which channels are due: a sorted set of their names in Redis by Redis' milliseconds. The scripts that
/// change a set touch no other key, since a task's own keys have another hash slot.
package struct DueSet: Sendable, Equatable {
    /// The sorted set.
    package let key: String

    /// When to ask each unfinished task's third party next.
    package static func inquiries(_ naming: Naming) -> DueSet { DueSet(key: naming.dueInquiriesKey) }
    /// When to check next whether a task still lives, so that its secrets live as long.
    package static func secrets(_ naming: Naming) -> DueSet { DueSet(key: naming.dueSecretsKey) }
}
