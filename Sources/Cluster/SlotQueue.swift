/// The commands of one hash slot in their order, while some of them were sent away: those that were called later wait, or they would
/// overtake them.
public struct SlotQueue<Command> {
    /// A command with its place in the order of the calls.
    public struct Entry {
        let number: UInt64
        /// The command.
        public var command: Command
    }

    /// Sent, and not answered.
    private var onWire = 0
    private var nextNumber: UInt64 = 0
    /// Sent away, in any order.
    private var again: [Entry] = []
    /// Called since.
    private var held: [Entry] = []
    /// Waits that must be over before anything is sent.
    private var waits = 0

    /// Nothing.
    public init() {}

    /// Whether nothing is under way: the queue can be forgotten.
    public var isEmpty: Bool { onWire == 0 && again.isEmpty && held.isEmpty }
    /// How many wait to be sent.
    public var waitingCount: Int { again.count + held.count }

    /// A command is called. Given back where it may be sent now.
    public mutating func add(_ command: Command) -> Entry? {
        let entry = Entry(number: nextNumber, command: command)
        nextNumber += 1
        guard again.isEmpty, held.isEmpty else {
            held.append(entry)
            return nil
        }
        onWire += 1
        return entry
    }

    /// A command that was sent has its answer.
    public mutating func didFinish() { onWire -= 1 }

    /// A command that was sent is to be sent again, after a wait or at once.
    public mutating func sendAgain(_ entry: Entry, afterWait isWaiting: Bool) {
        onWire -= 1
        again.append(entry)
        if isWaiting { waits += 1 }
    }

    /// Forgets all that wait, and hands them over in the order of the calls.
    public mutating func removeWaiting() -> [Entry] {
        defer { (again, held) = ([], []) }
        return again.sorted { $0.number < $1.number } + held
    }

    /// A wait is over.
    public mutating func didWait() { waits -= 1 }

    /// All that wait, in the order of the calls, once nothing is on the wire and no wait stands before them: they are sent now.
    public mutating func takeReady() -> [Entry] {
        guard onWire == 0, waits == 0, !again.isEmpty || !held.isEmpty else { return [] }
        let ready = again.sorted { $0.number < $1.number } + held
        (again, held) = ([], [])
        onWire = ready.count
        return ready
    }
}
