/// First in, first out, without moving all elements for each that leaves.
@frozen
public struct Queue<Element> {
    @usableFromInline var storage: [Element?] = []
    @usableFromInline var head = 0

    /// Empty.
    @inlinable
    public init() {}

    /// How many wait.
    @inlinable
    public var count: Int { storage.count - head }
    /// Whether none waits.
    @inlinable
    public var isEmpty: Bool { count == 0 }
    /// The one that leaves next.
    @inlinable
    public var first: Element? { isEmpty ? nil : storage[head] }

    /// The element `offset` places behind the first.
    @inlinable
    public subscript(offset: Int) -> Element {
        get { storage[head + offset]! }
        set { storage[head + offset] = newValue }
    }

    /// Adds one behind all others.
    @inlinable
    public mutating func append(_ element: Element) { storage.append(element) }

    /// Takes out the first.
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

    /// Takes out all.
    @inlinable
    public mutating func removeAll() { self = Queue() }

    /// Room kept while empty.
    @usableFromInline static var maxIdleElements: Int { 1_024 }
    /// Below this many, what has left is not worth moving the rest for.
    @usableFromInline static var compactionElements: Int { 64 }
}

extension Queue: Sendable where Element: Sendable {}
