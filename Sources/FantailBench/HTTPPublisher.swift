import Glibc

/// A worker that publishes over HTTP, one event after another on one connection.
final class HTTPPublisher {
    /// The API key that the node is started with.
    static let apiKey = "bench"

    private let descriptor: Int32

    init(port: UInt16) { descriptor = LoopbackSocket.connect(port: port) }

    /// Whether the node at a port is ready.
    static func isReady(_ port: UInt16) -> Bool {
        let asker = HTTPPublisher(port: port)
        defer { asker.stop() }
        LoopbackSocket.writeAll(
            asker.descriptor, Array("GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        return asker.answer().hasPrefix("HTTP/1.1 200 ")
    }

    /// Publishes the event and waits for the answer. Anything but 200 ends the benchmark.
    func publish(_ event: [UInt8], to task: String) {
        let head = """
            POST /api/v1/tasks/\(task)/events HTTP/1.1\r\nHost: localhost\r\nX-API-Key: \(Self.apiKey)\r\n\
            Content-Type: application/json\r\nContent-Length: \(event.count)\r\n\r\n
            """
        LoopbackSocket.writeAll(descriptor, Array(head.utf8) + event)
        let answer = answer()
        guard answer.hasPrefix("HTTP/1.1 200 ") else { FantailBench.fail("the node has answered: \(answer)") }
    }

    private func answer() -> String {
        var answer = ""
        while !Self.isWhole(answer) { answer += String(decoding: LoopbackSocket.read(descriptor), as: UTF8.self) }
        return answer
    }

    /// Whether an answer has its body, which is a JSON object.
    private static func isWhole(_ answer: String) -> Bool {
        answer.contains("\r\n\r\n{") && answer.utf8.last == UInt8(ascii: "}")
    }

    func stop() { close(descriptor) }
}
