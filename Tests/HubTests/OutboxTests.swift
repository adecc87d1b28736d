import Base
import Glibc
import Testing

@testable import Hub

@Suite("Outbox")
struct OutboxTests {
    private let limits = OutboxLimits(softBytes: 100, hardBytes: 300)
    private let progress = Outbox.ConflationKey(number: 1)
    private let other = Outbox.ConflationKey(number: 2)

    private func frame(_ letter: Character, _ count: Int = 60) -> SharedBytes {
        SharedBytes(Array(String(repeating: letter, count: count).utf8))
    }

    /// An outbox with a full kernel buffer, which took `cut` bytes of the first frame.
    private func blocked(after cut: Int) -> (outbox: Outbox, rest: Outbox.Rest?) {
        var outbox = Outbox()
        _ = outbox.append(frame("a"), key: progress, limits: limits)
        let rest = outbox.advance(written: cut, offered: 1)
        return (outbox, rest)
    }

    private func text(_ outbox: Outbox) -> String {
        var outbox = outbox
        outbox.unblock()
        let vector = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 16)
        defer { vector.deallocate() }
        let count = outbox.fill(vector)
        return vector[..<count].map { String(UnicodeScalar($0.iov_base.load(as: UInt8.self))) }.joined()
    }

    @Test("a viewer that reads keeps every event, however many came in one turn")
    func unblockedIsUnbounded() {
        var outbox = Outbox()
        for _ in 0..<100 {
            let result = outbox.append(frame("x"), key: progress, limits: limits)
            #expect(result == .queued)
        }
        #expect(outbox.count == 100)
        #expect(outbox.backlog == 0)
        let rest = outbox.advance(written: 6000, offered: 100)
        #expect(rest == nil && outbox.isEmpty)
    }

    @Test("a partly written frame continues where it was cut, and blocks the others")
    func partialWrite() throws {
        var outbox = Outbox()
        for letter in "abc" { _ = outbox.append(frame(letter), key: .never, limits: limits) }
        let written = outbox.advance(written: 70, offered: 3)
        let rest = try #require(written)
        #expect(rest.offset == 10)
        #expect(rest.frame.array.first == UInt8(ascii: "b"))
        #expect(outbox.isBlocked)
        #expect(outbox.backlog == 110)
        #expect(text(outbox) == "c")
        outbox.unblock()
        #expect(outbox.backlog == 0)
    }

    @Test("nothing written at all sends the whole first frame as the rest")
    func nothingWritten() throws {
        let (outbox, rest) = blocked(after: 0)
        #expect(try #require(rest).offset == 0)
        #expect(outbox.isBlocked && outbox.isEmpty)
    }

    @Test("what was taken, and waits for the kernel elsewhere, counts and blocks like the rest of a frame")
    func blockedElsewhere() {
        var outbox = Outbox()
        _ = outbox.append(frame("a"), key: progress, limits: limits)
        _ = outbox.append(frame("b"), key: progress, limits: limits)
        #expect(outbox.advance(written: 60, offered: 1) == nil && !outbox.isBlocked)
        outbox.block(behind: limits.softBytes)
        #expect(outbox.isBlocked && outbox.backlog == limits.softBytes + 60 && outbox.pendingBytes == outbox.backlog)
        #expect(outbox.append(frame("c"), key: progress, limits: limits) == .conflated && text(outbox) == "c")
        outbox.block(behind: limits.hardBytes)
        #expect(outbox.append(frame("d"), key: .never, limits: limits) == .overflowed)
        outbox.unblock()
        #expect(outbox.backlog == 0 && text(outbox) == "c")
    }

    @Test("below the soft limit nothing is conflated")
    func belowSoftLimit() {
        var (outbox, _) = blocked(after: 30)
        #expect(outbox.append(frame("b"), key: progress, limits: limits) == .queued)
        #expect(outbox.append(frame("c", 5), key: progress, limits: limits) == .queued)
        #expect(text(outbox) == "bc")
    }

    @Test("above the soft limit the newer progress replaces the older of its task, at the tail")
    func conflation() {
        var (outbox, _) = blocked(after: 0)
        _ = outbox.append(frame("b"), key: progress, limits: limits)
        _ = outbox.append(frame("c"), key: .never, limits: limits)
        #expect(outbox.append(frame("d"), key: progress, limits: limits) == .conflated)
        #expect(text(outbox) == "cd")
        #expect(outbox.backlog == 180)
    }

    @Test("the frame in flight is never replaced")
    func inFlightStays() {
        var (outbox, rest) = blocked(after: 10)
        _ = outbox.append(frame("z", 80), key: .never, limits: limits)
        #expect(outbox.append(frame("b"), key: progress, limits: limits) == .queued)
        #expect(rest?.frame.array.first == UInt8(ascii: "a"))
    }

    @Test("another task's progress and frames that are never replaced stay")
    func othersStay() {
        var (outbox, _) = blocked(after: 0)
        _ = outbox.append(frame("b"), key: other, limits: limits)
        _ = outbox.append(frame("c"), key: .never, limits: limits)
        #expect(outbox.append(frame("d"), key: progress, limits: limits) == .queued)
        #expect(outbox.append(frame("e"), key: .never, limits: limits) == .queued)
        #expect(text(outbox) == "bcde")
    }

    @Test("above the hard limit it overflows, and conflation alone never does")
    func hardLimit() {
        var (outbox, _) = blocked(after: 0)
        for _ in 0..<1000 { #expect(outbox.append(frame("p"), key: progress, limits: limits) != .overflowed) }
        #expect(outbox.count <= 2)
        for _ in 0..<3 { _ = outbox.append(frame("n"), key: .never, limits: limits) }
        #expect(outbox.append(frame("n"), key: .never, limits: limits) == .overflowed)
        #expect(outbox.backlog <= limits.hardBytes)
    }
}
