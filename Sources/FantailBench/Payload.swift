/// The events of a benchmark: numbered, of one size, so that viewers can check that each arrived once and in order.
enum Payload {
    /// Before the number, in every event.
    static let marker = Array(#""n":"#.utf8)

    /// An event of `size` bytes. The number has a fixed width.
    static func event(type: String, number: Int, size: Int) -> [UInt8] {
        let digits = String(1_000_000_000 + number).dropFirst()
        let head = #"{"type":"\#(type)","n":1\#(digits),"message":""#
        let padding = max(0, size - head.utf8.count - 2)
        return Array((head + String(repeating: "x", count: padding) + "\"}").utf8)
    }

    /// A server's text frame of `size` bytes in all around an event of that number, as the bare loop sends it.
    static func frame(number: Int, size: Int) -> [UInt8] {
        let body = event(type: "log", number: number, size: size - 4)
        return [0x81, 126, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    }
}
