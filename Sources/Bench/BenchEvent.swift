import Glibc

/// The events of a load: numbered per task, with their due time.
enum BenchEvent {
    private static let marker = Array(#""benchNumber":1"#.utf8)
    private static let digits = 9

    /// An event of `size` bytes. Number 0 tests which viewers are ready. Both numbers have ten digits: one size for
    /// all.
    static func bytes(number: Int, dueMicroseconds: UInt64, size: Int) -> [UInt8] {
        let head =
            #"{"type":"bench","benchNumber":\#(padded(UInt64(number))),"due":\#(padded(dueMicroseconds)),"filler":""#
        let filler = String(repeating: "x", count: max(0, size - head.utf8.count - 2))
        return Array((head + filler + #""}"#).utf8)
    }

    private static func padded(_ number: UInt64) -> Substring {
        "1" + String(1_000_000_000 + number % 1_000_000_000).dropFirst()
    }

    /// Number and time of the event in a message of any dialect; nil where it has none.
    static func read(_ message: UnsafeRawBufferPointer) -> (number: Int, dueMicroseconds: UInt64)? {
        guard let first = place(of: marker, in: message) else { return nil }
        let second = first + digits + #","due":1"#.utf8.count
        guard second + digits <= message.count else { return nil }
        return (Int(number(message[first..<first + digits])), number(message[second..<second + digits]))
    }

    /// The index after the first `word`.
    private static func place(of word: [UInt8], in message: UnsafeRawBufferPointer) -> Int? {
        guard let base = message.baseAddress else { return nil }
        var start = 0
        while let found = memchr(base + start, Int32(word[0]), message.count - start) {
            start = UnsafeRawPointer(found) - base
            guard message.count - start >= word.count else { return nil }
            if memcmp(base + start, word, word.count) == 0 { return start + word.count }
            start += 1
        }
        return nil
    }

    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt64 {
        digits.reduce(0) { $0 * 10 + UInt64($1 &- 48) }
    }
}
