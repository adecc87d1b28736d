public import RESP

/// An error reply of a Redis Cluster that says where to send a command, or when.
public enum Redirection: Equatable, Sendable {
    /// Another master has the slot; nil where the server does not know its address.
    case moved(HashSlot, to: Address?)
    /// The slot is moving, and this key has moved: the command goes to the other server, this once.
    case ask(HashSlot, at: Address?)
    /// The slot is moving, and some of the command's keys have moved.
    case tryAgain
    /// The slot has no master, or too few masters are left.
    case down
    /// This server takes no commands now: it is a replica, or has not read its dump yet.
    case notServing
    /// The keys are in several slots: a mistake of our own.
    case crossSlot

    /// Reads an error of the server at `place`; nil for every other error.
    public init?(_ error: RedisReplyError, from place: Address) {
        switch error.code {
        case "MOVED", "ASK":
            guard let (slot, address) = Self.target(error.message, place) else { return nil }
            self = error.code == "MOVED" ? .moved(slot, to: address) : .ask(slot, at: address)
        case "TRYAGAIN": self = .tryAgain
        case "CLUSTERDOWN": self = .down
        case "CROSSSLOT": self = .crossSlot
        case "READONLY", "MASTERDOWN", "LOADING": self = .notServing
        // Within a script Redis 7.0 has one text for MOVED, ASK and TRYAGAIN, without a code.
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
