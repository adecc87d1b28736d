import RESP
import Testing

@testable import Redis
@testable import Standing

@Suite("Which of several servers the log names")
struct AwayPartsTests {
    private static let server = RedisServer(runID: "r", version: "7.0.15")

    private func part(isOfEachLoop: Bool) -> RedisPart {
        RedisPart(kind: "k", address: .tcp(host: "h", port: 1), takesCommands: false, isOfEachLoop: isOfEachLoop)
    }

    @Test("each change once: by every loop where each has a connection that it needs, else by the first")
    func changes() {
        for loop in [0, 1, 7] {
            for isOfEachLoop in [true, false] {
                var parts = AwayParts(loop: loop)
                let part = part(isOfEachLoop: isOfEachLoop)
                let isReporting = isOfEachLoop || loop == 0
                for failure in [RedisFailure.ended("a"), .silent(milliseconds: 1)] {
                    for event in [RedisEvent.failed(failure), .lost(failure), .refused(failure)] {
                        #expect(parts.receive(.connected(Self.server), part) == (isReporting ? .connected : nil))
                        #expect(parts.receive(event, part) == (isReporting ? .away(failure) : nil))
                        #expect(parts.receive(event, part) == nil)
                        #expect(parts.receive(.failed(.ended("b")), part) == nil)
                        #expect(parts.receive(.retrying(milliseconds: 1), part) == nil)
                        #expect(parts.receive(.declined(RedisReplyError(line: "OOM x")), part) == nil)
                    }
                }
                #expect(parts.receive(.tookOver, part) == (loop == 0 ? .tookOver : nil))
            }
        }
    }

    @Test("one server apart from the other")
    func apart() {
        var parts = AwayParts(loop: 1)
        let other = RedisPart(kind: "k", address: .tcp(host: "h", port: 2), takesCommands: true, isOfEachLoop: true)
        #expect(parts.receive(.failed(.ended("a")), part(isOfEachLoop: true)) == .away(.ended("a")))
        #expect(parts.receive(.failed(.ended("a")), other) == .away(.ended("a")))
    }
}
