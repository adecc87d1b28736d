import RESP

/// First in, first out, without moving all elements for each that leaves.
struct Queue<Element> {
    private var storage: [Element?] = []
    private var head = 0

    var count: Int { storage.count - head }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : storage[head] }

    /// The element `offset` places behind the first.
    subscript(offset: Int) -> Element {
        get { storage[head + offset]! }
        set { storage[head + offset] = newValue }
    }

    mutating func append(_ element: Element) { storage.append(element) }

    mutating func popFirst() -> Element? {
        guard head < storage.count else { return nil }
        let element = storage[head].take()
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: head <= Self.maxIdleElements)
            head = 0
        } else if head >= Self.compactionElements, head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }

    mutating func removeAll() { self = Queue() }

    /// Room kept while empty.
    private static var maxIdleElements: Int { 1_024 }
    /// Below this many, what has left is not worth moving the rest for.
    private static var compactionElements: Int { 64 }
}
