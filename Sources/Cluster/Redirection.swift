public import RESP

/// What an error reply of a Redis Cluster says of where a command belongs, or of when.
public enum Redirection: Equatable, Sendable {
    /// Another master keeps the slot. Nil: its address is not known there either.
    case moved(HashSlot, to: Address?)
    /// The slot is being moved, and this key is gone already: the other is to be asked, this once.
    case ask(HashSlot, at: Address?)
    /// The slot is being moved, and some of the command's keys are gone already.
    case tryAgain
    /// The slot has no master, or too few masters are left.
    case down
    /// This server takes no commands now: it is a replica, or has not read its dump yet.
    case notServing
    /// The keys are not in one slot. Ours always are, so this is a mistake of ours.
    case crossSlot

    /// Reads the error of the server at `place`; nil where it says nothing of the kind.
    public init?(_ error: RedisReplyError, from place: Address) {
        switch error.code {
        case "MOVED", "ASK":
            guard let (slot, address) = Self.target(error.message, place) else { return nil }
            self = error.code == "MOVED" ? .moved(slot, to: address) : .ask(slot, at: address)
        case "TRYAGAIN": self = .tryAgain
        case "CLUSTERDOWN": self = .down
        case "CROSSSLOT": self = .crossSlot
        case "READONLY", "MASTERDOWN", "LOADING": self = .notServing
        // What a script runs into. Redis 7.0 has one text for MOVED, ASK and TRYAGAIN there, and no code of its own.
        case "ERR" where error.message.contains("attempted to access a non local key in a cluster node"):
            self = .tryAgain
        case "ERR" where error.message.contains("attempted to access keys that do not hash to the same slot"):
            self = .crossSlot
        default: return nil
        }
    }

    private static func target(_ text: String, _ place: Address) -> (HashSlot, Address?)? {
        let words = text.split(separator: " ")
        guard words.count == 2, let number = Int(words[0]), let slot = HashSlot(number) else { return nil }
        return (slot, Address(redirectedTo: words[1], from: place))
    }
}
