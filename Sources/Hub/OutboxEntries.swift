public import Base
public import Glibc

/// The frames of an outbox with their keys, oldest first. Most flushes write a single frame: it has its place here, and
/// only those behind it need an allocation.
@usableFromInline
struct OutboxEntries {
    @usableFromInline
    struct Entry {
        @usableFromInline
        let frame: SharedBytes
        @usableFromInline
        let key: Outbox.ConflationKey

        @inlinable
        init(frame: SharedBytes, key: Outbox.ConflationKey) {
            self.frame = frame
            self.key = key
        }
    }

    @usableFromInline
    var first: Entry?
    /// None where `first` is nil.
    @usableFromInline
    var others = ContiguousArray<Entry>()

    /// Others for which an empty outbox keeps its memory, where events filled it: a viewer between two events should
    /// cost nothing, and its next event allocate nothing.
    static let keptCapacity = 4

    @usableFromInline
    init() {}

    @inlinable
    var isEmpty: Bool { first == nil }

    @inlinable
    var count: Int { first == nil ? 0 : 1 + others.count }

    /// Bytes of all frames.
    var bytes: Int { others.reduce(first?.frame.count ?? 0) { $0 + $1.frame.count } }

    @inlinable
    subscript(index: Int) -> Entry {
        get { index == 0 ? first! : others[index - 1] }
        set { if index == 0 { first = newValue } else { others[index - 1] = newValue } }
    }

    @inlinable
    mutating func append(_ entry: Entry) {
        if first == nil { first = entry } else { others.append(entry) }
    }

    /// Writes the places of the oldest frames into `vector`; returns their number.
    @inlinable
    func fill(_ vector: UnsafeMutableBufferPointer<iovec>) -> Int {
        let count = min(self.count, vector.count)
        for index in 0..<count {
            let frame = self[index].frame
            vector.initializeElement(at: index, to: iovec(iov_base: frame.baseAddress, iov_len: frame.count))
        }
        return count
    }

    /// The newest entry of that key.
    func lastIndex(of key: Outbox.ConflationKey) -> Int? {
        if let index = others.lastIndex(where: { $0.key == key }) { return index + 1 }
        return first?.key == key ? 0 : nil
    }

    mutating func remove(at index: Int) {
        if index == 0 { removeFirst(1, keepsMemory: true) } else { others.remove(at: index - 1) }
    }

    /// Removes the oldest. `keepsMemory`: the viewer gets events, and needs the memory again.
    mutating func removeFirst(_ removed: Int, keepsMemory: Bool) {
        guard removed > 0 else { return }
        guard removed < count else { return removeAll(keepsMemory: keepsMemory) }
        first = others[removed - 1]
        others.removeFirst(removed)
    }

    /// Removes all.
    mutating func removeAll(keepsMemory: Bool) {
        first = nil
        if !keepsMemory || others.capacity > Self.keptCapacity {
            others = []
        } else if !others.isEmpty {
            others.removeAll(keepingCapacity: true)
        }
    }
}
