import Glibc
import Synchronization
import Testing

@testable import HTTPClient

@Suite("UpstreamClient")
struct HTTPClientTests {
    /// Outcomes in order of arrival, from any thread.
    private final class Outcomes: Sendable {
        private let all = Mutex<[UpstreamOutcome]>([])

        func add(_ outcome: UpstreamOutcome) { all.withLock { $0.append(outcome) } }
        func reasons() -> [String] {
            all.withLock { outcomes in
                outcomes.map { if case .failed(let reason) = $0 { reason } else { "answered" } }
            }
        }
    }

    /// A listener that accepts connections and sends nothing.
    private final class SilentServer {
        let socket: Int32
        let port: UInt16

        init() throws {
            socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = socket
            let code = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(descriptor, generic, length) | listen(descriptor, 128)
                        | getsockname(descriptor, generic, &length)
                }
            }
            try #require(code == 0)
            port = UInt16(bigEndian: address.sin_port)
        }

        deinit { _ = Glibc.close(socket) }

        var url: String { "http://127.0.0.1:\(port)/x" }
    }

    @Test("refuses requests above its bound, and gives each request one outcome when it closes")
    func closing() throws {
        let server = try SilentServer()
        var limits = UpstreamLimits()
        limits.transfers = 8
        let client = UpstreamClient(limits: limits)
        let outcomes = Outcomes()
        for _ in 0..<12 { client.get(server.url, authorization: "key") { outcomes.add($0) } }
        #expect(outcomes.reasons() == Array(repeating: "too many requests are in progress", count: 4))
        client.close()
        #expect(outcomes.reasons().filter { $0 == "the node is stopping" }.count == 8)
        client.get(server.url, authorization: "key") { outcomes.add($0) }
        client.close()
        #expect(outcomes.reasons().count == 13)
    }

    @Test("times out, and then has room again", .timeLimit(.minutes(1)))
    func deadline() async throws {
        let server = try SilentServer()
        var limits = UpstreamLimits()
        limits.transfers = 2
        limits.timeoutMilliseconds = 100
        let client = UpstreamClient(limits: limits)
        defer { client.close() }
        for _ in 0..<3 {
            let start = ContinuousClock.now
            let outcome = await withCheckedContinuation { continuation in
                client.get(server.url, authorization: "key") { continuation.resume(returning: $0) }
            }
            #expect(outcome == .failed(reason: "Timeout was reached"))
            #expect(ContinuousClock.now - start >= .milliseconds(90))
        }
    }

    @Test("takes no other scheme than http and https", arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x", "", "x"])
    func schemes(_ url: String) async {
        let client = UpstreamClient()
        defer { client.close() }
        let outcome = await withCheckedContinuation { continuation in
            client.get(url, authorization: "key") { continuation.resume(returning: $0) }
        }
        guard case .failed = outcome else {
            Issue.record("answered: \(outcome)")
            return
        }
    }

    @Test("requests from many threads each have one outcome")
    func manyThreads() async throws {
        let server = try SilentServer()
        let url = server.url
        var limits = UpstreamLimits()
        limits.timeoutMilliseconds = 50
        let client = UpstreamClient(limits: limits)
        let outcomes = Outcomes()
        await withTaskGroup { group in
            for _ in 0..<64 {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        client.get(url, authorization: "key") {
                            outcomes.add($0)
                            continuation.resume()
                        }
                    }
                }
            }
        }
        client.close()
        withExtendedLifetime(server) {}
        #expect(outcomes.reasons().count == 64)
    }
}
