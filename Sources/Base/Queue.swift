/// First in, first out; removing an element does not move the others.
@frozen
public struct Queue<Element> {
    @usableFromInline var storage: [Element?] = []
    @usableFromInline var head = 0

    /// An empty queue.
    @inlinable
    public init() {}

    /// The number of elements.
    @inlinable
    public var count: Int { storage.count - head }
    /// Whether there is no element.
    @inlinable
    public var isEmpty: Bool { count == 0 }
    /// The element that leaves next.
    @inlinable
    public var first: Element? { isEmpty ? nil : storage[head] }

    /// The element `offset` places after the first.
    @inlinable
    public subscript(offset: Int) -> Element {
        get { storage[head + offset]! }
        set { storage[head + offset] = newValue }
    }

    /// Adds an element at the end.
    @inlinable
    public mutating func append(_ element: Element) { storage.append(element) }

    /// Removes and returns the first element.
    @inlinable
    public mutating func popFirst() -> Element? {
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

    /// Removes all elements.
    @inlinable
    public mutating func removeAll() { self = Queue() }

    /// Capacity that an empty queue keeps.
    @usableFromInline static var maxIdleElements: Int { 1_024 }
    /// Below this number of removed elements, moving the rest does not pay.
    @usableFromInline static var compactionElements: Int { 64 }
}

extension Queue: Sendable where Element: Sendable {}
