/// The commands of one hash slot, in their order: while one of them is redirected, later commands wait, or they would
/// overtake it.
public struct SlotQueue<Command> {
    /// A command and its number in the order of the calls.
    public struct Entry {
        let number: UInt64
        /// The command as it was given; it may be sent several times.
        public var command: Command
    }

    /// Commands on the wire.
    private var onWire = 0
    private var nextNumber: UInt64 = 0
    /// Redirected commands, in any order.
    private var again: [Entry] = []
    /// Commands called since then.
    private var held: [Entry] = []
    /// Waits that must end before the queue sends.
    private var waits = 0

    /// An empty queue.
    public init() {}

    /// Whether the queue has no commands, so that its owner may drop it.
    public var isEmpty: Bool { onWire == 0 && again.isEmpty && held.isEmpty }
    /// Whether a command that is added now waits.
    public var isHolding: Bool { !again.isEmpty || !held.isEmpty }

    /// Adds a command; returns it where the caller sends it now.
    public mutating func add(_ command: Command) -> Entry? {
        let entry = Entry(number: nextNumber, command: command)
        nextNumber += 1
        guard !isHolding else {
            held.append(entry)
            return nil
        }
        onWire += 1
        return entry
    }

    /// A command on the wire has its answer.
    public mutating func didFinish() { onWire -= 1 }

    /// A command on the wire was redirected: it is sent again, after a wait or at once.
    public mutating func sendAgain(_ entry: Entry, afterWait isWaiting: Bool) {
        onWire -= 1
        again.append(entry)
        if isWaiting { waits += 1 }
    }

    /// Removes and returns all commands that wait, in the order of the calls.
    public mutating func removeWaiting() -> [Entry] {
        defer { (again, held) = ([], []) }
        return again.sorted { $0.number < $1.number } + held
    }

    /// A wait has ended.
    public mutating func didWait() { waits -= 1 }

    /// Removes and returns the commands to send now, in the order of the calls: all that wait, once no command is on the
    /// wire and no wait is left.
    public mutating func takeReady() -> [Entry] {
        guard onWire == 0, waits == 0, !again.isEmpty || !held.isEmpty else { return [] }
        let ready = again.sorted { $0.number < $1.number } + held
        (again, held) = ([], [])
        onWire = ready.count
        return ready
    }
}
