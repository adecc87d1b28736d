/// Which channels are due when: a sorted set of their names in Redis by Redis' milliseconds. The scripts that change one
/// touch nothing else, since a task's own keys have another hash slot.
package struct DueSet: Sendable, Equatable {
    /// The sorted set.
    package let key: String

    /// When each unfinished task's third party is to be asked next.
    package static func inquiries(_ naming: Naming) -> DueSet { DueSet(key: naming.dueInquiriesKey) }
    /// When it is to be seen next whether a task still lives, for its secrets to live as long.
    package static func secrets(_ naming: Naming) -> DueSet { DueSet(key: naming.dueSecretsKey) }
}
